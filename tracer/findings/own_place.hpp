// SPDX-License-Identifier: MIT
// Where in the program's own code a finding points: what a table, an annotation or a first line shows.
#pragma once

#include "tracer/findings/finding.hpp"
#include "tracer/findings/own_code.hpp"

namespace corotrace {

// The line that the mistake names as the one to change. Else the innermost own frame: the function that ended
// and dropped it, else of the drop (but not where the collector ran, which is not to blame), else where it
// was created. Of a lost task: where it failed or waited, else where it was created. nullptr: none is the
// program's own. Points into `finding`.
[[nodiscard]] const Frame* own_place(const Finding& finding, const OwnCode& own);

}  // namespace corotrace
