// SPDX-License-Identifier: MIT
// What the source tells of a mistake that the code at the drop does not: where the coroutine was created, if
// the interpreter noted that, and where the program registered the async function that a library called.
#pragma once

#include <string>
#include <vector>

#include "tracer/diagnose/source_lines.hpp"
#include "tracer/findings/finding.hpp"
#include "tracer/findings/own_code.hpp"

namespace corotrace {

// Adds to the finding's mistake the line to change, and a fix there, where it has none; what is "unknown"
// gets the id that the creating line shows. Needs: mistake and created are set. `thrown_away`: what called
// the function does not look at what it gave back. Pure.
void refine_mistake(Finding& finding, bool thrown_away, const SourceLines& sources, const OwnCode& own);

// Sets the mistake by what the drop itself tells (Finding::seen) and by where the coroutine was created, be
// that known by another drop of its site. Pure: the same of both gives the same mistake.
void diagnose_by_creation(Finding& finding, const SourceLines& sources, const OwnCode& own);

// The files whose lines that may look at: the program's own ones.
[[nodiscard]] std::vector<std::string> list_diagnosis_files(const Finding& finding, const OwnCode& own);

}  // namespace corotrace
