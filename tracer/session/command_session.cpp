// SPDX-License-Identifier: MIT
#include "tracer/session/command_session.hpp"

#include <utility>

#include "tracer/session/command_tree.hpp"
#include "tracer/session/supervisor.hpp"

namespace corotrace {

Result<RunEnd> run_command(CommandStart start, AttachOptions options, RunReport& report,
                           const StopRequest& stop) {
    options.pid = start.command.pid();
    options.subprocesses = true;
    CommandTree tree(options, start.command.take_gate(), start.front, start.flag);
    auto end = Supervisor(tree, report, stop, std::nullopt).run();
    if (tree.failed()) return *tree.failed();
    return end;
}

}  // namespace corotrace
