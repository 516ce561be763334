// SPDX-License-Identifier: MIT
#include "tracer/report/site_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "symbols/escape.hpp"
#include "tracer/findings/own_place.hpp"
#include "tracer/report/phrases.hpp"

namespace corotrace {
namespace {

constexpr std::size_t kGap = 2;           // columns between two columns of the table
constexpr std::size_t kMinRoom = 30;      // for coroutine and place; narrower terminals get lines that wrap
constexpr std::size_t kMinCoroutine = 9;  // its heading

std::string describe_share(const std::optional<std::uint64_t>& count, std::uint64_t of) {
    if (!count || of == 0) return "";
    const double percent = 100.0 * static_cast<double>(*count) / static_cast<double>(of);
    return percent > 0.0 && percent < 0.1 ? "<0.1 %" : fmt::format("{:.1f} %", percent);
}

std::string pad_left(const std::string& text, std::size_t columns) {
    const std::size_t width = display_width(text);
    return std::string(columns > width ? columns - width : 0, ' ') + text;
}

std::string pad_right(const std::string& text, std::size_t columns) {
    const std::size_t width = display_width(text);
    return text + std::string(columns > width ? columns - width : 0, ' ');
}

struct Widths {
    std::size_t number, count, share, coroutine, place;
};

Widths measure(const std::vector<TableRow>& rows, const TableRow& heading) {
    Widths widths{};
    const auto widen = [](std::size_t& width, const std::string& text) {
        width = std::max(width, display_width(text));
    };
    const auto widen_all = [&](const TableRow& row) {
        widen(widths.number, row.number);
        widen(widths.count, row.count);
        widen(widths.share, row.share);
        widen(widths.coroutine, row.coroutine);
        widen(widths.place, row.place);
    };
    widen_all(heading);
    for (const TableRow& row : rows) widen_all(row);
    return widths;
}

// What is left beside the numbers is shared: up to two fifths for the coroutine, the rest for the place.
void fit(Widths& widths, std::size_t columns) {
    const std::size_t fixed = widths.number + widths.count + widths.share + 4 * kGap;
    const std::size_t room = std::max(columns, fixed + kMinRoom) - fixed;
    if (widths.coroutine + widths.place <= room) return;
    const std::size_t spare = room > widths.place ? room - widths.place : 0;
    widths.coroutine = std::min(widths.coroutine, std::max({kMinCoroutine, room * 2 / 5, spare}));
    widths.place = std::min(widths.place, room - widths.coroutine);
}

std::string format_row(const TableRow& row, const Widths& widths) {
    const std::string gap(kGap, ' ');
    return pad_left(row.number, widths.number) + gap + pad_left(row.count, widths.count) + gap +
           pad_left(row.share, widths.share) + gap +
           pad_right(cut_right(row.coroutine, widths.coroutine), widths.coroutine) + gap +
           cut_left(row.place, widths.place);
}

}  // namespace

std::string describe_site_place(const Finding& finding, const OwnCode& own) {
    if (finding.blamed) {
        const BlamedLine& blamed = *finding.blamed;
        const std::string line = blamed.line ? ":" + std::to_string(*blamed.line) : "";
        return "blamed: " + printable(blamed.file.value_or(blamed.module)) + line;
    }
    if (const Frame* frame = own_place(finding, own)) return describe_place(*frame);
    const auto& frames = finding.dropped.frames;
    if (!frames) return "not seen";
    if (frames->empty()) return "no Python frame";
    return describe_place(frames->back());
}

std::string describe_subject(const Finding& finding) {
    std::string name = describe_coroutine(finding.coroutine);
    if (finding.kind == FindingKind::kTaskDestroyedPending) return name + " (destroyed pending)";
    if (!is_lost_task(finding.kind)) return name;
    const auto& exception = finding.lost_task ? finding.lost_task->exception : std::nullopt;
    return (finding.coroutine.qualname ? name : "a future") + " (" +
           (exception ? printable(*exception) : "exception") + " lost)";
}

TableRow make_table_row(const SiteCount& site, std::size_t number, std::uint64_t never_awaited,
                        const OwnCode& own) {
    return {number == 0 ? "" : fmt::format("#{}", number),
            site.count ? fmt::format("{}{}", site.exact ? "" : "~", *site.count) : "?",
            is_lost_task(site.first.kind) ? "" : describe_share(site.count, never_awaited),
            describe_subject(site.first), describe_site_place(site.first, own)};
}

std::string format_table(const std::vector<TableRow>& rows, std::optional<std::size_t> columns,
                         const Paint& paint) {
    const TableRow heading{"site", "count", "share", "coroutine", "where"};
    Widths widths = measure(rows, heading);
    if (columns) fit(widths, *columns);
    std::string out = paint(Style::kLabel, format_row(heading, widths)) + "\n";
    for (const TableRow& row : rows) out += format_row(row, widths) + "\n";
    return out;
}

}  // namespace corotrace
