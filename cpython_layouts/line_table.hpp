// SPDX-License-Identifier: MIT
// From an instruction to its place in the source. Pure: the table is bytes, and may be garbage.
#pragma once

#include <cstdint>
#include <optional>

#include "cpython_layouts/layout.hpp"
#include "symbols/bytes.hpp"

namespace corotrace {

inline constexpr int kCodeUnit = 2;  // bytes of an instruction

// Lines are 1-based, columns 0-based UTF-8 bytes, as co_positions() gives them.
struct Position {
    std::optional<int> line;
    std::optional<int> end_line;
    std::optional<int> col;
    std::optional<int> end_col;

    bool operator==(const Position&) const = default;
};

// The position of the instruction that starts at or covers `byte_offset`. Below 0 (not started) it is the
// first line. All null if the table does not cover the offset, or is malformed before it.
// Source: CPython Objects/lnotab_notes.txt (3.8-3.10), Objects/locations.md (3.11-3.15).
[[nodiscard]] Position find_position(LineTableRule rule, ByteView table, int first_line,
                                     std::int64_t byte_offset);

}  // namespace corotrace
