// SPDX-License-Identifier: MIT
#include "tracer/session/stop_budget.hpp"

#include <algorithm>
#include <limits>

namespace corotrace {

std::uint32_t StopBudget::initial_stops_per_row() const {
    constexpr std::uint32_t kEnoughForMostSites = 16;
    return is_unlimited() ? std::numeric_limits<std::int32_t>::max() : kEnoughForMostSites;
}

void StopBudget::earn(Duration elapsed) {
    const auto earned = std::chrono::duration_cast<Duration>(elapsed * share_);
    credit_ = std::min(credit_ + earned, kMaxCredit);
}

void StopBudget::spend(Duration pause) {
    const Duration cost = pause + kHiddenCost;
    credit_ -= cost;
    cost_ = (cost_ * 7 + cost) / 8;
}

std::int64_t StopBudget::affordable() const {
    if (is_unlimited()) return kPortion;
    if (credit_ <= Duration::zero()) return credit_ / cost_;
    return std::max<std::int64_t>(credit_ / cost_, 1);
}

}  // namespace corotrace
