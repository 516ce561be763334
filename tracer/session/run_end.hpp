// SPDX-License-Identifier: MIT
// RunEnd: how a run over any number of targets ended.
#pragma once

#include <vector>

#include "tracer/findings/run_report.hpp"
#include "tracer/session/session_end.hpp"

namespace corotrace {

struct RunEnd {
    static constexpr std::size_t kMostTargets = 16;

    RunSummary total;                 // the same as went to the report
    std::vector<SessionEnd> targets;  // the first ones, at most kMostTargets
    bool lost = false;                // control of a target was lost
    bool hung_up = false;             // by SIGHUP
};

}  // namespace corotrace
