// SPDX-License-Identifier: MIT
#include "tracer/findings/stay_watch.hpp"

#include <algorithm>
#include <utility>

namespace corotrace {

namespace {

std::chrono::milliseconds milliseconds_between(StayWatch::Time from, StayWatch::Time to) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(to - from);
}

}  // namespace

void StayWatch::begin_look(Time now) {
    last_ = looks_ == 0 ? now : current_;
    if (looks_ == 0) first_ = now;
    current_ = now;
    ++looks_;
    seen_ = std::exchange(now_, {});
    for (auto entry = groups_.begin(); entry != groups_.end();) {
        Group& group = entry->second;
        group.before = std::exchange(group.now, 0);
        // One that was there at first is kept, for its growth is told from there.
        entry = group.before == 0 && group.at_first == 0 ? groups_.erase(entry) : std::next(entry);
    }
}

Stay StayWatch::add(const std::string& name, std::span<const std::uint64_t> members) {
    Group& group = groups_[name];
    const auto count = static_cast<std::int64_t>(members.size());
    group.now += count;
    if (looks_ == 1) group.at_first += count;
    Stay stay{.growth = group.now - group.before, .growth_in_all = group.now - group.at_first};
    if (looks_ == 1) stay.growth = 0;
    for (const std::uint64_t member : members) {
        const auto before = seen_.find(member);
        now_.emplace(member, before == seen_.end() ? current_ : before->second);
        if (before == seen_.end()) continue;
        ++stay.stayed;
        stay.oldest = std::max(stay.oldest, milliseconds_between(before->second, current_));
    }
    return stay;
}

std::chrono::milliseconds StayWatch::since_first() const {
    return milliseconds_between(first_, current_);
}

std::chrono::milliseconds StayWatch::since_last() const {
    return milliseconds_between(last_, current_);
}

}  // namespace corotrace
