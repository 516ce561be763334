// SPDX-License-Identifier: MIT
// The report for people: a block when a site is first seen, a table of all sites and the totals at the end.
// May change between versions; programs read jsonl.
#pragma once

#include "tracer/report/formats.hpp"

namespace corotrace {

[[nodiscard]] std::unique_ptr<RunReport> make_text_report(const ReportContext& context);

}  // namespace corotrace
