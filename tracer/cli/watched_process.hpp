// SPDX-License-Identifier: MIT
// What the verbs that watch one process, and maybe its children, do the same way: choose it, watch it, and
// judge the end.
#pragma once

#include <string>

#include "tracer/cli/exit_code.hpp"
#include "tracer/cli/options.hpp"
#include "tracer/findings/run_report.hpp"
#include "tracer/findings/stop_request.hpp"

namespace corotrace::cli {

// The process of `command`, if it names none. Errors: as of choose_process().
[[nodiscard]] Status choose_target(AttachCommand& command);

// From on_begin to on_end. Errors: as of run_attach().
[[nodiscard]] Result<ExitCode> watch_process(const AttachCommand& command, const std::string& verb,
                                             RunReport& report, const StopRequest& stop);

}  // namespace corotrace::cli
