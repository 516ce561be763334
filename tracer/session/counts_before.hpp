// SPDX-License-Identifier: MIT
// What stubs had counted in a target before a session of its own began: for a corotrace that was killed, or,
// in a process that was just forked, in its copy of its parent's stub.
#pragma once

#include "tracer/probes/leftovers.hpp"
#include "tracer/session/live_target.hpp"
#include "tracer/session/target_subject.hpp"

namespace corotrace {

// Takes the leftover out, the depths of origin tracking first, and adds to `before` what it had counted of
// this process. `inherits`: it is a copy of the parent's; where the parent counts meanwhile it is less than
// that, for what is the parent's cannot be told apart. Errors: as remove_leftover().
[[nodiscard]] Status take_out(const TargetSubject& subject, const Leftover& leftover, bool inherits,
                              const ServeOthers& serve, StubTally& before);

}  // namespace corotrace
