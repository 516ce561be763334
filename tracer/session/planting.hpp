// SPDX-License-Identifier: MIT
// Planting in an interpreter that may be starting or ending: it changes under what reads it.
#pragma once

#include "symbols/result.hpp"
#include "tracer/session/live_target.hpp"

namespace corotrace {

// Tries again until it stands or is gone, 0.3 s at most; others are served meanwhile, each ms.
// Errors: as ProbeControl::plant().
[[nodiscard]] Result<ProbeControl::Planted> plant(ProbeControl& probes, const ProbeControl::Budget& budget,
                                                  const ServeOthers& serve);

}  // namespace corotrace
