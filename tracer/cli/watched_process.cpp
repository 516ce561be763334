// SPDX-License-Identifier: MIT
#include "tracer/cli/watched_process.hpp"

#include <chrono>

#include "tracer/cli/process_choice.hpp"
#include "tracer/session/attach_session.hpp"

namespace corotrace::cli {

Status choose_target(AttachCommand& command) {
    if (command.attach.pid != 0) return {};
    CT_TRY(command.attach.pid, choose_process(command.choice));
    return {};
}

Result<ExitCode> watch_process(const AttachCommand& command, const std::string& verb, RunReport& report,
                               const StopRequest& stop) {
    const AttachOptions& options = command.attach;
    report.on_begin(
        {.verb = verb, .began = std::chrono::system_clock::now(), .several = options.subprocesses});
    CT_TRY(const auto end, run_attach(options, report, stop));
    if (end.total.programs > 0) report.on_end(end.total);
    if (options.subprocesses || end.targets.empty()) return exit_code(end, command.policy);
    return exit_code(end.targets.front(), command.policy);
}

}  // namespace corotrace::cli
