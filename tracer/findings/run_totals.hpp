// SPDX-License-Identifier: MIT
// RunTotals adds up the summaries of a run's targets. It takes no more memory for many of them than for one.
#pragma once

#include <string>

#include "tracer/findings/summary.hpp"
#include "tracer/findings/target_id.hpp"

namespace corotrace {

class RunTotals {
public:
    // Once for each target, at its end.
    void add(const TargetId& target, const Summary& summary);
    // Each text once.
    void note(std::string text);

    [[nodiscard]] bool empty() const { return sum_.programs == 0; }
    [[nodiscard]] RunSummary finish(std::chrono::milliseconds elapsed, std::string ended) const;

private:
    RunSummary sum_;
};

}  // namespace corotrace
