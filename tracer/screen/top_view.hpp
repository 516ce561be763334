// SPDX-License-Identifier: MIT
// TopView: the live view as a value: what is shown, sorted how, which site is selected, which are open, and
// where the list is scrolled to. Pure: counts and keys in, lines out; no terminal and no clock.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "tracer/findings/own_code.hpp"
#include "tracer/report/related_lines.hpp"
#include "tracer/screen/screen_line.hpp"
#include "tracer/screen/top_rates.hpp"
#include "tracer/screen/top_table.hpp"

namespace corotrace {

class TopView {
public:
    struct Options {
        std::string title;  // what is watched
        OwnCode own;
        bool full_stack = false;  // frames of libraries are shown
    };

    explicit TopView(Options options) : options_(std::move(options)) {}

    // While it pauses only kept for later.
    void update(TopCounts counts);
    void resize(const ScreenSize& size);
    void press(ScreenKey key);
    [[nodiscard]] bool wants_end() const { return wants_end_; }

    // As many lines as the screen has rows.
    [[nodiscard]] std::vector<ScreenLine> render() const;

private:
    // Where a site stands in the list, in lines.
    struct Span {
        std::size_t first = 0;
        std::size_t lines = 1;
    };

    [[nodiscard]] std::size_t height() const;  // of the list
    [[nodiscard]] std::size_t selected() const;
    [[nodiscard]] std::vector<std::string> format_block(const TopSite& site) const;
    [[nodiscard]] std::vector<Span> measure() const;
    [[nodiscard]] std::vector<ScreenLine> render_list() const;
    void show(TopCounts counts);
    void relate();
    void move(bool down);
    void select(std::size_t site);
    void open(bool opens);
    void keep_in_sight();

    Options options_;
    ScreenSize size_;
    TopCounts newest_;
    TopCounts shown_;
    TopOrder order_ = TopOrder::kRate;
    std::string selected_;  // fingerprint; "": whichever is first
    std::set<std::string, std::less<>> open_;
    RelatedLines related_;    // of what is shown, while a site is open
    std::size_t scroll_ = 0;  // lines of the list above the screen
    bool paused_ = false;
    bool helps_ = false;
    bool wants_end_ = false;
};

}  // namespace corotrace
