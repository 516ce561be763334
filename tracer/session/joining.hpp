// SPDX-License-Identifier: MIT
// From a candidate to a target that is ready to be traced.
#pragma once

#include <cstdint>

#include "symbols/result.hpp"
#include "tracer/session/membership.hpp"
#include "tracer/session/target_queue.hpp"

namespace corotrace {

// Reads only. `generation`: of its TargetId. Cost: some ms. Errors: as a whole message for a person; those of
// prepare_target().
[[nodiscard]] Result<JoiningTarget> prepare_joining(const Candidate& candidate, std::uint32_t generation);

}  // namespace corotrace
