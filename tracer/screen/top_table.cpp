// SPDX-License-Identifier: MIT
#include "tracer/screen/top_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "symbols/escape.hpp"
#include "tracer/report/phrases.hpp"
#include "tracer/report/site_table.hpp"

namespace corotrace {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kRateColumns = 6;
constexpr std::size_t kCountColumns = 9;
constexpr std::size_t kMistakeFrom = 70;  // narrower screens do not show it
constexpr std::size_t kWideFrom = 120;
constexpr std::size_t kMistakeColumns = 16;      // "result_discarded", the commonest
constexpr std::size_t kWideMistakeColumns = 24;  // the longest

struct Widths {
    std::size_t rate, count, coroutine, place, mistake;
};

Widths fit(std::size_t columns) {
    Widths widths{.rate = kRateColumns, .count = kCountColumns, .coroutine = 0, .place = 0, .mistake = 0};
    if (columns >= kMistakeFrom) widths.mistake = columns < kWideFrom ? kMistakeColumns : kWideMistakeColumns;
    const std::size_t gaps = widths.mistake > 0 ? 4 : 3;
    const std::size_t taken = widths.rate + widths.count + widths.mistake + gaps * kGap;
    const std::size_t room = columns > taken ? columns - taken : 0;
    widths.coroutine = room * 2 / 5;
    widths.place = room - widths.coroutine;
    return widths;
}

Widths measure(const std::vector<TopRow>& rows) {
    Widths widths{.rate = kRateColumns, .count = kCountColumns, .coroutine = 0, .place = 0, .mistake = 0};
    for (const TopRow& row : rows) {
        widths.coroutine = std::max(widths.coroutine, display_width(row.coroutine));
        widths.place = std::max(widths.place, display_width(row.place));
        widths.mistake = std::max(widths.mistake, display_width(row.mistake));
    }
    return widths;
}

std::string pad(const std::string& text, std::size_t columns) {
    const std::size_t width = display_width(text);
    return text + std::string(columns > width ? columns - width : 0, ' ');
}

// The line says more than the function.
std::string fit_place(const std::string& place, std::size_t columns) {
    if (display_width(place) <= columns) return place;
    return cut_left(place.substr(0, place.rfind(" in ")), columns);
}

std::string format(const TopRow& row, const Widths& widths) {
    const std::string gap(kGap, ' ');
    std::string out = fmt::format("{:>{}}{}{:>{}}", row.rate, widths.rate, gap, row.count, widths.count);
    if (widths.coroutine > 0) out += gap + pad(cut_right(row.coroutine, widths.coroutine), widths.coroutine);
    if (widths.place > 0) out += gap + pad(fit_place(row.place, widths.place), widths.place);
    if (widths.mistake > 0) out += gap + cut_right(row.mistake, widths.mistake);
    return out;
}

std::string format_rate(double per_second) {
    if (per_second <= 0.0) return "0";
    if (per_second < 0.05) return "<0.1";
    return per_second < 9.95 ? fmt::format("{:.1f}", per_second) : fmt::format("{:.0f}", per_second);
}

}  // namespace

std::string_view name_of(TopOrder order) {
    switch (order) {
        case TopOrder::kRate:
            return "rate";
        case TopOrder::kCount:
            return "count";
        case TopOrder::kName:
            return "name";
    }
    return "";
}

void sort_sites(std::vector<TopSite>& sites, TopOrder order) {
    const auto is_before = [&](const TopSite& one, const TopSite& other) {
        if (order == TopOrder::kRate && one.per_second != other.per_second)
            return one.per_second > other.per_second;
        if (order == TopOrder::kName) {
            const auto& name = one.first->coroutine.qualname;
            if (name != other.first->coroutine.qualname) return name < other.first->coroutine.qualname;
        }
        if (one.count != other.count) return one.count > other.count;
        return one.first->fingerprint < other.first->fingerprint;
    };
    std::ranges::sort(sites, is_before);
}

TopRow make_top_row(const TopSite& site, const OwnCode& own) {
    const Finding& finding = *site.first;
    return {.rate = format_rate(site.per_second),
            .count = fmt::format("{}{}", site.exact ? "" : "~", site.count),
            .coroutine = describe_subject(finding),
            .place = describe_site_place(finding, own),
            .mistake = finding.mistake ? printable(finding.mistake->id) : ""};
}

const TopRow& top_heading() {
    static const TopRow heading{"rate/s", "count", "coroutine", "where", "mistake"};
    return heading;
}

std::string format_top_row(const TopRow& row, std::size_t columns) {
    return cut_right(format(row, fit(columns)), columns);
}

std::string describe_top(const TopCounts& counts) {
    return fmt::format("{}, {}/s, {}", describe_count(counts.never_awaited, "never-awaited coroutine"),
                       format_rate(counts.per_second), describe_count(counts.sites.size(), "site"));
}

std::string describe_top_cost(const TopCounts& counts) {
    std::string out = fmt::format("{}, {} paused in all", describe_count(counts.stops, "stop"),
                                  describe_pause(counts.pause_total));
    if (counts.lost_tasks.all() > 0) out += ", " + describe_count(counts.lost_tasks.all(), "lost task");
    if (counts.other_drops > 0) out += fmt::format(", {} at other sites", counts.other_drops);
    return out;
}

std::string format_top_table(TopCounts counts, const OwnCode& own, std::size_t most) {
    sort_sites(counts.sites, TopOrder::kRate);
    std::vector<TopRow> rows{top_heading()};
    for (std::size_t i = 0; i < std::min(most, counts.sites.size()); ++i)
        rows.push_back(make_top_row(counts.sites[i], own));
    const Widths widths = measure(rows);
    std::string out = describe_duration(counts.elapsed) + ": " + describe_top(counts) + "; " +
                      describe_top_cost(counts) + "\n";
    if (!counts.sites.empty())
        for (const TopRow& row : rows) out += format(row, widths) + "\n";
    if (counts.sites.size() > most) out += fmt::format("and {} more\n", counts.sites.size() - most);
    return out + "\n";
}

}  // namespace corotrace
