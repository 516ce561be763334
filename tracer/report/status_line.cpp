// SPDX-License-Identifier: MIT
#include "tracer/report/status_line.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tracer/report/escape.hpp"
#include "tracer/report/phrases.hpp"

namespace corotrace {

std::string format_status(const Progress& progress, std::size_t columns) {
    const auto seconds = progress.elapsed.count() / 1000;
    if (!progress.never_awaited) {
        const std::string sites = describe_count(progress.sites, "line");
        return cut_right(fmt::format("{:02}:{:02}:{:02}  {} blamed", seconds / 3600, seconds / 60 % 60,
                                     seconds % 60, sites),
                         columns > 0 ? columns - 1 : 0);
    }
    const std::string line =
        fmt::format("{:02}:{:02}:{:02}  {}  {:.0f}/s  {}  {}  paused {}", seconds / 3600, seconds / 60 % 60,
                    seconds % 60, describe_count(*progress.never_awaited, "never-awaited coroutine"),
                    progress.per_second, describe_count(progress.sites, "site"),
                    describe_count(progress.stops, "stop"), describe_pause(progress.pause_total));
    // The last column stays free: a terminal that wraps there would leave the line behind.
    return cut_right(line, columns > 0 ? columns - 1 : 0);
}

Progress ProgressSum::add(const void* session, const Progress& progress) {
    const std::lock_guard lock(mutex_);
    latest_[session] = progress;
    Progress sum;
    for (const auto& [key, one] : latest_) {
        sum.elapsed = std::max(sum.elapsed, one.elapsed);
        *sum.never_awaited += one.never_awaited.value_or(0);
        sum.per_second += one.per_second;
        sum.sites += one.sites;
        sum.stops += one.stops;
        sum.pause_total += one.pause_total;
    }
    return sum;
}

void StatusLine::on_progress(const Progress& progress) {
    const Progress shown = sum_ != nullptr ? sum_->add(this, progress) : progress;
    writer_.set_status(format_status(shown, columns_()));
    inner_.on_progress(progress);
}

void StatusLine::on_end(const std::vector<SiteCount>& sites, const Summary& summary) {
    writer_.set_status("");
    Progress last;
    last.elapsed = summary.elapsed;
    last.never_awaited = summary.never_awaited;
    last.sites = summary.sites;
    last.stops = summary.stops;
    last.pause_total = summary.pause_total;
    if (sum_ != nullptr) static_cast<void>(sum_->add(this, last));
    inner_.on_end(sites, summary);
}

}  // namespace corotrace
