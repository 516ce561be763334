// SPDX-License-Identifier: MIT
// The text of one site: a line when it is first seen, a block with all that became known at the end. The
// first lines of a block answer what, how often, where in the program's own code, which mistake, and what to
// write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tracer/findings/finding.hpp"
#include "tracer/findings/own_code.hpp"
#include "tracer/report/terminal.hpp"

namespace corotrace {

class SiteBlock {
public:
    struct Options {
        Paint paint;
        const OwnCode& own;
        std::size_t columns;  // where a list of arguments is broken
        bool full_stack;      // frames of libraries are shown
        bool several;         // the process is told
    };
    explicit SiteBlock(const Options& options) : options_(options), paint_(options.paint) {}

    // With its end: "#1 coroutine 'save' was never awaited: /app/x.py:9 in f [result_discarded]".
    [[nodiscard]] std::string format_first(const Finding& finding, std::size_t number) const;

    // `number` 0: it was not told of before. `related`: a line for each site that belongs to it.
    [[nodiscard]] std::string format(const SiteCount& site, std::size_t number, const std::set<pid_t>& pids,
                                     const std::vector<std::string>& related = {}) const;

private:
    [[nodiscard]] std::string format_headline(const SiteCount& site, std::size_t number) const;
    [[nodiscard]] std::string format_field(std::string_view label, std::string_view value) const;
    [[nodiscard]] std::string format_where(const Finding& finding) const;
    [[nodiscard]] std::string format_mistake(const Finding& finding) const;
    [[nodiscard]] std::string format_arguments(const Finding& finding) const;
    [[nodiscard]] std::string format_circumstances(const Finding& finding, const std::set<pid_t>& pids) const;
    [[nodiscard]] std::string format_stack(std::string_view title, const std::vector<Frame>& frames) const;
    [[nodiscard]] std::string format_creators(const SiteCount& site) const;
    [[nodiscard]] std::string format_created(const CreatedFacts& created) const;
    [[nodiscard]] std::string format_dropped(const DroppedFacts& dropped) const;
    [[nodiscard]] std::string format_lost_task(const LostTaskFacts& task) const;
    [[nodiscard]] std::string format_blamed(const BlamedLine& blamed) const;
    [[nodiscard]] std::string format_title(std::string_view title) const;

    Options options_;
    Paint paint_;
};

// "note: ..." with its end.
[[nodiscard]] std::string format_note(const Paint& paint, std::string_view note);

}  // namespace corotrace
