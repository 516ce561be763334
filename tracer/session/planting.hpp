// SPDX-License-Identifier: MIT
// Planting in an interpreter that may be starting or ending: it changes under what reads it.
#pragma once

#include <vector>

#include "symbols/result.hpp"
#include "tracer/findings/summary.hpp"
#include "tracer/session/live_target.hpp"

namespace corotrace {

// Tries again until it stands or is gone, 0.3 s at most; others are served meanwhile, each ms.
// Errors: as ProbeControl::plant().
[[nodiscard]] Result<ProbeControl::Planted> plant(ProbeControl& probes, const ProbeControl::Budget& budget,
                                                  const ServeOthers& serve);

// Says what became of stubs that were found: a status each. `inherits`: they are those of the parent.
void note_leftovers(const std::vector<Status>& cleared, bool inherits, AttachedFacts& facts);

}  // namespace corotrace
