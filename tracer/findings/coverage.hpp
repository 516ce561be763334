// SPDX-License-Identifier: MIT
// Coverage: whether it is proved that every drop was counted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace corotrace {

enum class CoverageState : std::uint8_t { kExact, kIncomplete, kUnknown };

struct Coverage {
    CoverageState state = CoverageState::kUnknown;
    std::optional<std::uint64_t> dealloc = 0;  // coroutines counted on the deallocation path; null: not
    std::optional<std::uint64_t> warned;       // calls counted on the warning path; null: no cross-check
    std::optional<std::string> why;            // why it is not exact
};

}  // namespace corotrace
