// SPDX-License-Identifier: MIT
#include "tracer/screen/top_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "symbols/escape.hpp"
#include "tracer/report/phrases.hpp"
#include "tracer/report/site_block.hpp"

namespace corotrace {
namespace {

constexpr std::size_t kHeadLines = 3;  // totals, cost, heading of the list
constexpr std::size_t kFootLines = 1;  // keys
constexpr std::size_t kMarkColumns = 2;
constexpr std::size_t kBlockIndent = 4;
constexpr std::string_view kKeys = "q quit  Enter open  s sort  p pause  ? help";
constexpr std::string_view kHelp[] = {
    "",
    "up, down, k, j      select a site; a long open one is scrolled",
    "page up, page down  several at once",
    "home, end           the first, the last",
    "Enter               open or close it: cause, fix, stacks",
    "right, left         open it, close it",
    "s                   sort by rate, count, name",
    "p, space            pause what is shown; counting goes on",
    "?, h                this, and back",
    "q, Ctrl-C           end, with the whole report",
    "Ctrl-L              draw all of it anew",
    "Ctrl-Z              back to the shell; fg comes back here",
    "",
    "rate/s is that of the last 5 seconds.",
};

std::vector<std::string> split_lines(const std::string& text) {
    std::vector<std::string> lines;
    std::size_t from = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', from)) {
        lines.push_back(text.substr(from, end - from));
        from = end + 1;
    }
    return lines;
}

}  // namespace

void TopView::update(TopCounts counts) {
    newest_ = std::move(counts);
    if (!paused_) show(newest_);
}

void TopView::show(TopCounts counts) {
    shown_ = std::move(counts);
    sort_sites(shown_.sites, order_);
    relate();
    keep_in_sight();
}

void TopView::relate() {
    if (open_.empty()) return;
    std::vector<const Finding*> findings;
    for (const TopSite& site : shown_.sites) findings.push_back(site.first.get());
    related_ = RelatedLines(findings, [](const Finding&, std::size_t) { return std::size_t{0}; });
}

void TopView::resize(const ScreenSize& size) {
    size_ = size;
    keep_in_sight();
}

void TopView::press(ScreenKey key) {
    const bool left_help = helps_ && key != ScreenKey::kNone;
    if (left_help) helps_ = false;
    switch (key) {
        case ScreenKey::kNone:
            return;
        case ScreenKey::kUp:
        case ScreenKey::kDown:
            return move(key == ScreenKey::kDown);
        case ScreenKey::kPageUp:
        case ScreenKey::kPageDown:
            for (std::size_t i = 1; i < height(); ++i) move(key == ScreenKey::kPageDown);
            return;
        case ScreenKey::kHome:
            scroll_ = 0;
            return select(0);
        case ScreenKey::kEnd:
            return select(shown_.sites.empty() ? 0 : shown_.sites.size() - 1);
        case ScreenKey::kOpen:
        case ScreenKey::kClose:
            return open(key == ScreenKey::kOpen);
        case ScreenKey::kToggle:
            return open(shown_.sites.empty() || !open_.contains(shown_.sites[selected()].first->fingerprint));
        case ScreenKey::kSort:
            order_ = order_ == TopOrder::kRate    ? TopOrder::kCount
                     : order_ == TopOrder::kCount ? TopOrder::kName
                                                  : TopOrder::kRate;
            return show(std::move(shown_));
        case ScreenKey::kPause:
            paused_ = !paused_;
            if (!paused_) show(newest_);
            return;
        case ScreenKey::kHelp:
            helps_ = !left_help;
            return;
        case ScreenKey::kQuit:
            wants_end_ = true;
            return;
    }
}

std::size_t TopView::height() const {
    return size_.rows > kHeadLines + kFootLines ? size_.rows - kHeadLines - kFootLines : 0;
}

std::size_t TopView::selected() const {
    const auto found = std::ranges::find_if(
        shown_.sites, [&](const TopSite& site) { return site.first->fingerprint == selected_; });
    return found == shown_.sites.end() ? 0 : static_cast<std::size_t>(found - shown_.sites.begin());
}

void TopView::select(std::size_t site) {
    if (shown_.sites.empty()) return;
    selected_ = shown_.sites[site].first->fingerprint;
    keep_in_sight();
}

void TopView::open(bool opens) {
    if (shown_.sites.empty()) return;
    select(selected());
    if (opens) {
        open_.insert(selected_);
        relate();
    } else {
        open_.erase(selected_);
    }
    keep_in_sight();
}

std::vector<std::string> TopView::format_block(const TopSite& site) const {
    const std::size_t columns = size_.columns > kBlockIndent ? size_.columns - kBlockIndent : 0;
    const SiteBlock block({.paint = Paint(false),
                           .own = options_.own,
                           .columns = columns,
                           .full_stack = options_.full_stack,
                           .several = false});
    const SiteCount shown{.first = *site.first,
                          .count = site.count,
                          .exact = site.exact,
                          .creators = site.creators ? *site.creators : Creators{}};
    const std::string text = block.format(shown, 0, {}, related_.of(*site.first));
    std::vector<std::string> lines;
    for (const std::string& line : split_lines(text))
        for (const std::string& part : wrap(line, columns, kBlockIndent))
            lines.push_back(std::string(kBlockIndent, ' ') + part);
    return lines;
}

std::vector<TopView::Span> TopView::measure() const {
    std::vector<Span> spans;
    spans.reserve(shown_.sites.size());
    std::size_t first = 0;
    for (const TopSite& site : shown_.sites) {
        const std::size_t block = open_.contains(site.first->fingerprint) ? format_block(site).size() : 0;
        spans.push_back({.first = first, .lines = 1 + block});
        first += spans.back().lines;
    }
    return spans;
}

// A site that is higher than the screen is scrolled before the next one is selected.
void TopView::move(bool down) {
    if (shown_.sites.empty()) return;
    const std::vector<Span> spans = measure();
    const std::size_t site = selected();
    const Span& span = spans[site];
    if (down && span.lines > 1 && span.first + span.lines > scroll_ + height()) {
        selected_ = shown_.sites[site].first->fingerprint;
        ++scroll_;
    } else if (!down && span.first < scroll_) {
        selected_ = shown_.sites[site].first->fingerprint;
        --scroll_;
    } else if (down && site + 1 < spans.size()) {
        select(site + 1);
    } else if (!down && site > 0) {
        select(site - 1);
    }
}

// Some line of the selected site is on the screen, and no room is wasted below the last one.
void TopView::keep_in_sight() {
    if (shown_.sites.empty() || height() == 0) {
        scroll_ = 0;
        return;
    }
    const std::vector<Span> spans = measure();
    const Span& span = spans[selected()];
    const std::size_t last = span.first + span.lines - 1;
    if (last < scroll_) scroll_ = std::max(span.first, last + 1 - std::min(last + 1, height()));
    if (span.first >= scroll_ + height()) scroll_ = span.first + 1 - height();
    const std::size_t all = spans.back().first + spans.back().lines;
    scroll_ = std::min(scroll_, all > height() ? all - height() : 0);
}

std::vector<ScreenLine> TopView::render_list() const {
    std::vector<ScreenLine> lines;
    const std::size_t site_selected = selected();
    const std::size_t columns = size_.columns > kMarkColumns ? size_.columns - kMarkColumns : 0;
    const std::size_t end = scroll_ + height();
    std::size_t at = 0;
    for (std::size_t i = 0; i < shown_.sites.size() && at < end; ++i) {
        const TopSite& site = shown_.sites[i];
        const bool is_open = open_.contains(site.first->fingerprint);
        if (at >= scroll_) {
            std::string row =
                (is_open ? "- " : "+ ") + format_top_row(make_top_row(site, options_.own), columns);
            lines.push_back({std::move(row), i == site_selected ? LineStyle::kSelected : LineStyle::kPlain});
        }
        ++at;
        if (!is_open) continue;
        for (std::string& line : format_block(site)) {
            if (at >= scroll_ && at < end) lines.push_back({std::move(line), LineStyle::kPlain});
            ++at;
        }
    }
    if (shown_.sites.empty()) lines.push_back({"  no never-awaited coroutine yet", LineStyle::kHint});
    return lines;
}

std::vector<ScreenLine> TopView::render() const {
    std::string second = describe_top_cost(shown_) + "; sorted by " + std::string(name_of(order_));
    if (paused_) second += "; display paused, p goes on";
    std::vector<ScreenLine> lines{
        {fmt::format("{}  {}  {}", printable(options_.title), describe_duration(shown_.elapsed),
                     describe_top(shown_)),
         LineStyle::kTitle},
        {second, paused_ ? LineStyle::kTitle : LineStyle::kPlain},
        {std::string(kMarkColumns, ' ') +
             format_top_row(top_heading(), size_.columns > kMarkColumns ? size_.columns - kMarkColumns : 0),
         LineStyle::kHeading}};
    if (helps_) {
        for (const std::string_view line : kHelp)
            lines.push_back({"  " + std::string(line), LineStyle::kPlain});
    } else {
        for (ScreenLine& line : render_list()) lines.push_back(std::move(line));
    }
    lines.resize(kHeadLines + height());
    lines.push_back({std::string(kKeys), LineStyle::kHint});
    lines.resize(size_.rows);
    for (ScreenLine& line : lines) line.text = cut_right(line.text, size_.columns);
    return lines;
}

}  // namespace corotrace
