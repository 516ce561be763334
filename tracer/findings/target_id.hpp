// SPDX-License-Identifier: MIT
// TargetId names one program of one process in a run: a process that executes another Python program keeps
// its pid and begins a new generation.
#pragma once

#include <sys/types.h>

#include <compare>
#include <cstdint>

namespace corotrace {

struct TargetId {
    pid_t pid = 0;
    std::uint32_t generation = 1;  // 1, 2, ... for each pid

    auto operator<=>(const TargetId&) const = default;  // NOLINT(modernize-use-nullptr): it compares with 0
};

}  // namespace corotrace
