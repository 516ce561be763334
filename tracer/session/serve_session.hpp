// SPDX-License-Identifier: MIT
// run_serve: a run of the verb serve: watches all Python processes that match, until it is told to end.
#pragma once

#include "symbols/result.hpp"
#include "tracer/findings/run_report.hpp"
#include "tracer/findings/stop_request.hpp"
#include "tracer/session/attach_options.hpp"
#include "tracer/session/matching_processes.hpp"
#include "tracer/session/run_end.hpp"

namespace corotrace {

struct ServeOptions {
    AttachOptions watch;  // of each process; without its pid
    ProcessFilter filter;
};

// Precondition: SIGINT, SIGTERM, SIGHUP and SIGCHLD are blocked in all threads. `events`: see
// MatchingProcesses. Errors: internal.
[[nodiscard]] Result<RunEnd> run_serve(const ServeOptions& options, ProcessEvents* events,
                                       MatchingProcesses::OnLeftAlone on_left_alone, RunReport& report,
                                       const StopRequest& stop);

}  // namespace corotrace
