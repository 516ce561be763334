// SPDX-License-Identifier: MIT
// The table of sites at the end of the text report, by falling count, cut to the width of a terminal.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tracer/findings/finding.hpp"
#include "tracer/findings/own_code.hpp"
#include "tracer/report/terminal.hpp"

namespace corotrace {

struct TableRow {
    std::string number;     // "#2"
    std::string count;      // "7990", "~7990" where estimated
    std::string share;      // "99.9 %"
    std::string coroutine;  // cut at its end
    std::string place;      // cut at its beginning: the end of a path says more
};

// "Store.save", "Feed.poll (destroyed pending)".
[[nodiscard]] std::string describe_subject(const Finding& finding);
// Where in the program's own code, else where it was dropped.
[[nodiscard]] std::string describe_site_place(const Finding& finding, const OwnCode& own);

// `number` as the block of the site was headed; 0: it had none.
[[nodiscard]] TableRow make_table_row(const SiteCount& site, std::size_t number, std::uint64_t never_awaited,
                                      const OwnCode& own);

// A heading and a line a row, each with its end. `columns` null: nothing is cut.
[[nodiscard]] std::string format_table(const std::vector<TableRow>& rows, std::optional<std::size_t> columns,
                                       const Paint& paint);

}  // namespace corotrace
