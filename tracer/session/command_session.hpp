// SPDX-License-Identifier: MIT
// run_command: a run of the verb run, from the command's first instruction to the end of its process tree.
#pragma once

#include "symbols/result.hpp"
#include "tracer/findings/run_report.hpp"
#include "tracer/findings/stop_request.hpp"
#include "tracer/process/front.hpp"
#include "tracer/process/held_command.hpp"
#include "tracer/session/attach_options.hpp"
#include "tracer/session/run_end.hpp"

namespace corotrace {

struct CommandStart {
    HeldCommand command;
    pid_t front = 0;
    FrontFlag flag;
};

// Needs: HeldCommand::wait_until_allowed() said yes. `options`: of each Python in the tree. Precondition: as
// of run_attach(). Errors: denied and the like (the command cannot be traced; it did not run), internal.
[[nodiscard]] Result<RunEnd> run_command(CommandStart start, AttachOptions options, RunReport& report,
                                         const StopRequest& stop);

}  // namespace corotrace
