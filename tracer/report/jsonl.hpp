// SPDX-License-Identifier: MIT
// JSON lines: one object an event, in pure ASCII (so nothing of the target can reach a terminal), as
// corotrace-1.schema.json describes. Keys are only ever added; unknown is null.
#pragma once

#include "tracer/report/formats.hpp"

namespace corotrace {

[[nodiscard]] std::unique_ptr<RunReport> make_jsonl_report(const ReportContext& context);

}  // namespace corotrace
