// SPDX-License-Identifier: MIT
#include "tracer/session/stop_policy.hpp"

#include <algorithm>
#include <utility>

namespace corotrace {

namespace {

// How many rows' worth of stops the last row gets: it is shared by all functions beyond the table.
constexpr std::int64_t kOverflowWeight = 8;

}  // namespace

bool StopPolicy::on_stop(Clock::time_point noticed, Clock::time_point let_go) {
    const bool could_pay = affordable() > 0;
    // How long it has waited nobody can say: not longer than the tracer was at work.
    const auto pause = let_go - (was_waiting(noticed) ? std::max(last_let_go_, works_since_) : noticed);
    last_stop_ = noticed;
    last_let_go_ = let_go;
    ++stops_;
    pause_total_ += pause;
    pause_max_ = std::max<std::chrono::nanoseconds>(pause_max_, pause);
    budget_.spend(pause);
    if (budget_.is_unlimited()) return stops_ % (StopBudget::kPortion / 2) == 0;
    return could_pay && affordable() <= 0;
}

std::vector<StopPolicy::Grant> StopPolicy::share_out(std::vector<StubRow>& rows,
                                                     const std::function<bool(std::uint64_t)>& is_idle) {
    const auto affordable = this->affordable();
    std::vector<std::size_t> hungry;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto before = i < counted_.size() ? counted_[i] : 0;
        const StubRow& row = rows[i];
        if (is_idle(row.key)) continue;
        if (row.count > before && row.stops >= initial_stops() + row.granted) hungry.push_back(i);
    }
    counted_.clear();
    for (const StubRow& row : rows) counted_.push_back(row.count);
    if (hungry.empty() || affordable <= 0 || budget_.is_unlimited()) return {};
    const auto each = std::max<std::int64_t>(1, affordable / static_cast<std::int64_t>(hungry.size()));
    std::vector<Grant> grants;
    for (const std::size_t i : hungry) {
        const bool is_overflow = i + 1 == rows.size();
        // Of a place that was only captured one drop tells enough; of others SiteKeys granted more at the
        // first.
        const bool is_first = once_ && rows[i].granted == 0 && !is_overflow;
        const auto stops = is_first ? 1 : each * (is_overflow ? kOverflowWeight : 1);
        rows[i].granted = rows[i].stops - initial_stops() + static_cast<std::uint32_t>(stops);
        grants.push_back({.row = i, .stops = rows[i].granted});
    }
    return grants;
}

bool StopPolicy::is_alert(std::uint64_t attempts) const {
    return attempts - std::min(attempts, stops_) > missed_;
}

bool StopPolicy::lost_one(std::uint64_t attempts) {
    // One that was asked for since may be on its way.
    const auto missed = attempts_before_ - std::min(attempts_before_, stops_);
    attempts_before_ = attempts;
    if (missed <= missed_) return false;
    missed_ = missed;
    return true;
}

std::chrono::microseconds StopPolicy::pause_total() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(pause_total_);
}

std::chrono::microseconds StopPolicy::pause_max() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(pause_max_);
}

}  // namespace corotrace
