// SPDX-License-Identifier: MIT
// The rows of the live view: how fast, how often, which coroutine, where in the program's own code, which
// mistake. On a screen by its width, else a table of those that drop most.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tracer/findings/own_code.hpp"
#include "tracer/screen/top_rates.hpp"

namespace corotrace {

enum class TopOrder : std::uint8_t { kRate, kCount, kName };

// "rate", "count", "name".
[[nodiscard]] std::string_view name_of(TopOrder order);

// Rates and counts falling, names rising; equal ones always in the same order.
void sort_sites(std::vector<TopSite>& sites, TopOrder order);

struct TopRow {
    std::string rate;       // "12", "0.4"
    std::string count;      // "7990", "~7990" where estimated
    std::string coroutine;  // cut at its end
    std::string place;      // without the function, then cut at its beginning
    std::string mistake;    // its id
};

[[nodiscard]] TopRow make_top_row(const TopSite& site, const OwnCode& own);
[[nodiscard]] const TopRow& top_heading();
// No wider than `columns`, without its end; columns that find no room are left out, the mistake first.
[[nodiscard]] std::string format_top_row(const TopRow& row, std::size_t columns);

// "1286 never-awaited coroutines, 56/s, 3 sites".
[[nodiscard]] std::string describe_top(const TopCounts& counts);
// "32 stops, 21.0 ms paused in all", and what else there is.
[[nodiscard]] std::string describe_top_cost(const TopCounts& counts);

// A table by rate of at most `most` sites, with a line of totals before it and an empty one behind it.
// Nothing is cut.
[[nodiscard]] std::string format_top_table(TopCounts counts, const OwnCode& own, std::size_t most);

}  // namespace corotrace
