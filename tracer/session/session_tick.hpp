// SPDX-License-Identifier: MIT
// How often a session looks at its target.
#pragma once

#include <chrono>

namespace corotrace {

constexpr std::chrono::milliseconds kSteadyTick{100};

// What a young program imports is to be watched before it is used. `is_held`: it was watched from its
// beginning.
[[nodiscard]] constexpr std::chrono::nanoseconds tick_at_age(std::chrono::nanoseconds age, bool is_held) {
    constexpr std::chrono::seconds kYouth{3};
    constexpr std::chrono::milliseconds kYoungTick{5};
    return is_held && age < kYouth ? kYoungTick : kSteadyTick;
}

}  // namespace corotrace
