// SPDX-License-Identifier: MIT
// The sites of a run that goes on: as JSON for a program, as a page for a browser.
#pragma once

#include <string>

#include "tracer/findings/live_counts.hpp"
#include "tracer/findings/own_code.hpp"

namespace corotrace {

// {"schema": "corotrace/1", "sites": [...], "other_drops": N}: all that are known by falling count, each with
// fingerprint, kind, count, coroutine, file and line of the place to look at, and the mistake. Pure ASCII;
// unknown is null.
[[nodiscard]] std::string format_sites_json(const LiveSnapshot& counts);

// The most frequent sites, as the format html has them.
[[nodiscard]] std::string format_live_page(const LiveSnapshot& counts, const OwnCode& own);

}  // namespace corotrace
