// SPDX-License-Identifier: MIT
// The source around the frames of a finding, for reports that show more than one line.
#pragma once

#include "tracer/diagnose/source_lines.hpp"
#include "tracer/findings/finding.hpp"
#include "tracer/findings/own_code.hpp"

namespace corotrace {

inline constexpr int kLinesAround = 2;  // before a line, and after it

// Frame::around of the program's own frames, in each stack of the innermost 8: with at most 200 bytes a line
// that is some 8 kB a stack, mostly far less. Cost: a search in the text for each line.
void add_source_around(Finding& finding, const SourceLines& sources, const OwnCode& own);

// Of the few frames whose line the fix may replace, where they have none: one line before and one after.
void add_fix_around(Finding& finding, const SourceLines& sources);

}  // namespace corotrace
