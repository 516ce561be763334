// SPDX-License-Identifier: MIT
// run_attach: one attach from beginning to end. Finds the interpreter, plants the probes, tells the sink
// what happens until a reason to end turns up, and leaves the target as it was. With AttachOptions::read_only
// it only reads: see warning_watch.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "symbols/result.hpp"
#include "tracer/findings/stop_request.hpp"
#include "tracer/process/pump_group.hpp"
#include "tracer/session/attach_options.hpp"
#include "tracer/session/finding_sink.hpp"

namespace corotrace {

enum class EndReason : std::uint8_t {
    kDeadline,      // AttachOptions::duration is over
    kMaxEvents,     // AttachOptions::max_events is reached
    kInterrupted,   // SIGINT
    kTerminated,    // SIGTERM
    kStopAsked,     // StopRequest
    kTargetExited,  // ended by itself or by a signal of somebody else
    kTargetExec,    // became another program
    kTargetLost,    // control was lost without the target having ended; the report is incomplete
};

// For people.
[[nodiscard]] std::string describe_end(EndReason reason);

struct SessionEnd {
    Summary summary;  // the same as went to FindingSink::on_end
    EndReason reason = EndReason::kDeadline;
    bool attached = true;  // false: ended before anything was planted; the sink was told nothing
};

// Precondition: SIGINT, SIGTERM and SIGCHLD are blocked in all threads.
// Errors, with `what` a whole message for a person ("cannot attach to 4711: ..."):
//   usage        the pid is a thread or corotrace itself
//   not_found    no such process, or a zombie
//   gone         it ended while being attached to
//   denied       permission, or somebody else traces it
//   unsupported  not a CPython, or a build or version that is not supported
//   internal, io, timeout, unreadable, malformed  the session could not go on
[[nodiscard]] Result<SessionEnd> run_attach(const AttachOptions& options, FindingSink& sink,
                                            const StopRequest& stop);

// One of several sessions at once, each in a thread of its own.
struct Kinship {
    PumpGroup* group = nullptr;
    bool inherits = false;              // it was forked from a process that was watched
    std::optional<std::string> missed;  // why drops from before are not counted
};
[[nodiscard]] Result<SessionEnd> run_attach(const AttachOptions& options, FindingSink& sink,
                                            const StopRequest& stop, const Kinship& kinship);

// What run_attach() would write into the process, a line for each; writes nothing and traces nobody. Errors:
// as run_attach().
[[nodiscard]] Result<std::vector<std::string>> describe_attach(pid_t pid);

}  // namespace corotrace
