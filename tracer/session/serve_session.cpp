// SPDX-License-Identifier: MIT
#include "tracer/session/serve_session.hpp"

#include <utility>

#include "tracer/session/supervisor.hpp"

namespace corotrace {

Result<RunEnd> run_serve(const ServeOptions& options, ProcessEvents* events,
                         MatchingProcesses::OnLeftAlone on_left_alone, RunReport& report,
                         const StopRequest& stop) {
    AttachOptions watch = options.watch;
    watch.takes_over = true;
    MatchingProcesses processes(std::move(watch), options.filter, events, std::move(on_left_alone));
    return Supervisor(processes, report, stop, std::nullopt).run();
}

}  // namespace corotrace
