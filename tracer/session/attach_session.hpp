// SPDX-License-Identifier: MIT
// run_attach: a run of the verb attach, from beginning to end. Finds the interpreter of a process, and with
// AttachOptions::subprocesses those of its descendants, plants the probes, tells the report what happens
// until a reason to end turns up, and leaves the targets as they were. With AttachOptions::read_only it only
// reads: see warning_watch.hpp.
#pragma once

#include <string>
#include <vector>

#include "symbols/result.hpp"
#include "tracer/findings/run_report.hpp"
#include "tracer/findings/stop_request.hpp"
#include "tracer/session/attach_options.hpp"
#include "tracer/session/run_end.hpp"

namespace corotrace {

// Precondition: SIGINT, SIGTERM and SIGCHLD are blocked in all threads.
// Errors, with `what` a whole message for a person ("cannot attach to 4711: ..."), of the first process:
//   usage        the pid is a thread or corotrace itself
//   not_found    no such process, or a zombie
//   gone         it ended while being attached to
//   denied       permission, or another tracer is attached
//   unsupported  not a CPython, or a build or version that is not supported
//   internal, io, timeout, unreadable, malformed  the session could not go on
[[nodiscard]] Result<RunEnd> run_attach(const AttachOptions& options, RunReport& report,
                                        const StopRequest& stop);

// What run_attach() would write into the process, a line for each; writes nothing and traces nobody. Errors:
// as run_attach().
[[nodiscard]] Result<std::vector<std::string>> describe_attach(pid_t pid);

}  // namespace corotrace
