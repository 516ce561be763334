// SPDX-License-Identifier: MIT
#include "tracer/findings/run_totals.hpp"

#include <algorithm>
#include <utility>

namespace corotrace {

void RunTotals::add(const TargetId& target, const Summary& summary) {
    if (target.generation == 1) ++sum_.processes;
    ++sum_.programs;
    if (summary.coverage.state == CoverageState::kExact) ++sum_.exact;
    if (!summary.never_awaited) {
        sum_.never_awaited.reset();
    } else if (sum_.never_awaited) {
        *sum_.never_awaited += *summary.never_awaited;
    }
    if (summary.lost_tasks) {
        if (!sum_.lost_tasks) sum_.lost_tasks.emplace();
        sum_.lost_tasks->destroyed_pending += summary.lost_tasks->destroyed_pending;
        sum_.lost_tasks->exception_never_retrieved += summary.lost_tasks->exception_never_retrieved;
    }
    sum_.sites += summary.sites;
    sum_.stops += summary.stops;
    sum_.pause_total += summary.pause_total;
    sum_.pause_max = std::max(sum_.pause_max, summary.pause_max);
}

void RunTotals::note(std::string text) {
    if (std::ranges::find(sum_.notes, text) == sum_.notes.end()) sum_.notes.push_back(std::move(text));
}

RunSummary RunTotals::finish(std::chrono::milliseconds elapsed, std::string ended) const {
    RunSummary sum = sum_;
    sum.elapsed = elapsed;
    sum.ended = std::move(ended);
    return sum;
}

}  // namespace corotrace
