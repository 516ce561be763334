// SPDX-License-Identifier: MIT
// The report as one page for an incident's ticket: sites with the most frequent first, each with its fields,
// fix and folded stacks, and a timeline of drops. Nothing is loaded from outside, and it can be read without
// its script, which filters and sorts. May change between versions; programs read jsonl.
#pragma once

#include "tracer/report/formats.hpp"

namespace corotrace {

[[nodiscard]] std::unique_ptr<RunReport> make_html_report(const ReportContext& context);

}  // namespace corotrace
