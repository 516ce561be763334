// SPDX-License-Identifier: MIT
#include "tracer/report/status_line.hpp"

#include <fmt/format.h>

#include "symbols/escape.hpp"
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

void StatusLine::on_progress(const Progress& progress) {
    writer_.set_status(format_status(progress, columns_()));
    inner_.on_progress(progress);
}

void StatusLine::on_target_end(const TargetId& target, const std::vector<SiteCount>& sites,
                               const Summary& summary) {
    writer_.set_status("");
    inner_.on_target_end(target, sites, summary);
}

void StatusLine::on_end(const RunSummary& summary) {
    writer_.set_status("");
    inner_.on_end(summary);
}

}  // namespace corotrace
