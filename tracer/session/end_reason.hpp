// SPDX-License-Identifier: MIT
// EndReason: why the session of one target ended.
#pragma once

#include <cstdint>
#include <string>

namespace corotrace {

enum class EndReason : std::uint8_t {
    kDeadline,      // AttachOptions::duration is over
    kMaxEvents,     // AttachOptions::max_events is reached
    kInterrupted,   // SIGINT
    kTerminated,    // SIGTERM
    kHungUp,        // SIGHUP: the terminal is gone, or serve is to read its configuration again
    kStopAsked,     // StopRequest
    kTargetExited,  // ended by itself or by a signal of somebody else
    kTargetExec,    // became another program
    kCommandEnded,  // the command of the run ended, and this process outlived it
    kTargetLost,    // control was lost without the target having ended; the report is incomplete
    kFailed,        // the session could not go on, for want of memory; the report is incomplete
};

// Whether the report lacks what came later.
[[nodiscard]] constexpr bool is_incomplete(EndReason reason) {
    return reason == EndReason::kTargetLost || reason == EndReason::kFailed;
}

// Of a run that a signal to corotrace ends: SIGINT, SIGTERM or SIGHUP.
[[nodiscard]] EndReason end_reason_of(int signal);

// For people.
[[nodiscard]] std::string describe_end(EndReason reason);

}  // namespace corotrace
