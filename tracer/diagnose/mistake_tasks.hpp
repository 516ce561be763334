// SPDX-License-Identifier: MIT
// Which mistake lost a task, or an exception of one, and what should have held it.
#pragma once

#include "tracer/diagnose/source_lines.hpp"
#include "tracer/findings/finding.hpp"

namespace corotrace {

// Pure. `finding` has a lost_task, and is complete except for its mistake.
[[nodiscard]] Mistake diagnose_lost_task(const Finding& finding, const SourceLines& sources);

}  // namespace corotrace
