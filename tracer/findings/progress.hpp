// SPDX-License-Identifier: MIT
// Progress: what a running session shows of itself. Of one target, or the sum of all.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace corotrace {

struct Progress {
    std::chrono::milliseconds elapsed{0};
    std::optional<std::uint64_t> never_awaited = 0;  // null: not counted
    double per_second = 0.0;
    std::uint64_t sites = 0;
    std::uint64_t stops = 0;
    std::chrono::microseconds pause_total{0};
};

}  // namespace corotrace
