// SPDX-License-Identifier: MIT
// run_detach: removes what killed corotraces left behind in a process. Nothing is watched and nothing stops;
// a process that a living corotrace traces is refused.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "symbols/result.hpp"

namespace corotrace {

struct DetachOutcome {
    std::size_t removed = 0;
    std::vector<std::string> kept;  // why, one for each that stays
};

// Needs: SIGINT, SIGTERM and SIGCHLD blocked in all threads. Errors: as run_attach(), except for the target's
// being CPython, which is not asked.
[[nodiscard]] Result<DetachOutcome> run_detach(pid_t pid);

}  // namespace corotrace
