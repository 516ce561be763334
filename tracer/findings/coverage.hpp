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

// What is known when a target is left.
struct CoverageEvidence {
    std::uint64_t dealloc = 0;
    std::optional<std::uint64_t> warned;  // null: no cross-check
    bool never_imported = false;          // the module warnings, as far as was seen; there was no cross-check
    std::uint64_t at_shutdown = 0;        // drops that were seen while the interpreter was finalizing
    bool replaced = false;                // the program put something else in the place of the function
    bool dropped_elsewhere = false;       // in an interpreter whose warnings could not be counted
    bool target_ended = false;            // before both counts could be compared at rest
};

// Exact if both counts are equal, or if all that Python did not warn of was dropped by an interpreter that
// was finalizing: it then has no module `warnings` to call. Nothing else excuses a difference. Exact, too, if
// nothing was dropped and that module was never imported, which Python does itself before it warns of a
// coroutine (CPython v3.12.1 Python/_warnings.c _PyErr_WarnUnawaitedCoroutine): both counts are 0.
[[nodiscard]] Coverage judge_coverage(const CoverageEvidence& evidence);

}  // namespace corotrace
