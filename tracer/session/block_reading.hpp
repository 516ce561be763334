// SPDX-License-Identifier: MIT
// What a corotrace that watched a process had counted, read out of the block that it shares with its stub
// there: of a core file, in which it stays as it was. Nothing is taken or written.
#pragma once

#include <vector>

#include "tracer/findings/held.hpp"
#include "tracer/session/scan_subject.hpp"

namespace corotrace {

// One for each block that is there and whole; none as a rule. A row's place has a name if the stub noted it
// and its corotrace had not come to read that yet, or if rows count functions; else only that corotrace knows
// it. Cost: as find_leftovers(), and some 10 reads a row.
[[nodiscard]] std::vector<WatchedFacts> read_blocks(ScanSubject& subject, const ProcessImage& image);

}  // namespace corotrace
