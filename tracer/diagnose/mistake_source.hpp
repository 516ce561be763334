// SPDX-License-Identifier: MIT
// What the source tells of a mistake that the code at the drop does not: where the coroutine was created, if
// the interpreter noted that, and where the program registered the async function that a library called.
#pragma once

#include "tracer/diagnose/source_lines.hpp"
#include "tracer/findings/finding.hpp"

namespace corotrace {

// Adds to the finding's mistake the line to change, and a fix there, where it has none; what is "unknown"
// gets the id that the creating line shows. Needs: mistake and created are set. `thrown_away`: what called
// the function does not look at what it gave back. Pure.
void refine_mistake(Finding& finding, bool thrown_away, const SourceLines& sources);

}  // namespace corotrace
