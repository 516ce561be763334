// SPDX-License-Identifier: MIT
#include "tracer/session/end_reason.hpp"

namespace corotrace {

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
