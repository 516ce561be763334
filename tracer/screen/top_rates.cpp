// SPDX-License-Identifier: MIT
#include "tracer/screen/top_rates.hpp"

#include <algorithm>

namespace corotrace {
namespace {

constexpr std::chrono::milliseconds kBetweenSamples{200};

}  // namespace

void TopRates::keep(const LiveSnapshot& counts, Clock::time_point time) {
    Sample sample{.time = time, .never_awaited = counts.never_awaited, .sites = {}};
    sample.sites.reserve(counts.sites.size());
    for (const LiveSite& site : counts.sites) sample.sites.push_back(site.count);
    samples_.push_back(std::move(sample));
    while (samples_.size() > 1 && samples_[1].time <= time - kWindow) samples_.pop_front();
}

TopCounts TopRates::add(const LiveSnapshot& counts, Clock::time_point now) {
    if (samples_.empty()) {
        began_ = now;
        keep(counts, now);
    } else if (counts.counted >= samples_.back().time + kBetweenSamples) {
        keep(counts, counts.counted);
    } else if (now >= samples_.back().time + kSilence) {
        keep(counts, now);
    }
    const Sample& from = samples_.front();
    const Sample& to = samples_.back();
    const double seconds = std::max(1.0, std::chrono::duration<double>(to.time - from.time).count());
    const auto rate = [&](std::uint64_t before, std::uint64_t after) {
        return after > before ? static_cast<double>(after - before) / seconds : 0.0;
    };
    const auto count_at = [](const Sample& sample, std::size_t site) {
        return site < sample.sites.size() ? sample.sites[site] : 0;
    };

    TopCounts top{.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - began_),
                  .watched = counts.watched,
                  .never_awaited = counts.never_awaited,
                  .per_second = rate(from.never_awaited, to.never_awaited),
                  .lost_tasks = counts.lost_tasks,
                  .stops = counts.stops,
                  .pause_total = counts.pause_total,
                  .other_drops = counts.other_drops,
                  .sites = {}};
    top.sites.reserve(counts.sites.size());
    for (std::size_t i = 0; i < counts.sites.size(); ++i) {
        const LiveSite& site = counts.sites[i];
        top.sites.push_back({.first = site.first,
                             .count = site.count,
                             .exact = site.exact,
                             .per_second = rate(count_at(from, i), count_at(to, i)),
                             .creators = site.creators});
    }
    return top;
}

}  // namespace corotrace
