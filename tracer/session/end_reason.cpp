// SPDX-License-Identifier: MIT
#include "tracer/session/end_reason.hpp"

#include <csignal>

namespace corotrace {

EndReason end_reason_of(int signal) {
    if (signal == SIGHUP) return EndReason::kHungUp;
    return signal == SIGINT ? EndReason::kInterrupted : EndReason::kTerminated;
}

std::string describe_end(EndReason reason) {
    switch (reason) {
        case EndReason::kDeadline:
            return "deadline";
        case EndReason::kMaxEvents:
            return "max events";
        case EndReason::kInterrupted:
            return "interrupted";
        case EndReason::kTerminated:
            return "terminated";
        case EndReason::kHungUp:
            return "hung up";
        case EndReason::kStopAsked:
            return "output closed";
        case EndReason::kTargetExited:
            return "target exited";
        case EndReason::kTargetExec:
            return "target replaced its program";
        case EndReason::kCommandEnded:
            return "the command ended";
        case EndReason::kFailed:
            return "corotrace could not go on";
        case EndReason::kTargetLost:
            break;
    }
    return "target lost";
}

}  // namespace corotrace
