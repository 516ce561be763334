// SPDX-License-Identifier: MIT
// Any bytes as a line table of any kind: the search ends, and what it finds can be a place in a file.
// Input: the rule, 2 bytes of offset, then the table.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>

#include "cpython_layouts/line_table.hpp"

using namespace corotrace;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) return 0;
    const auto rule = static_cast<LineTableRule>(data[0] % 3);
    std::uint16_t offset = 0;
    std::memcpy(&offset, data + 1, sizeof offset);
    const auto table = std::as_bytes(std::span(data, size)).subspan(3);
    const Position found = find_position(rule, table, 1, offset);
    for (const auto& part : {found.line, found.end_line, found.col, found.end_col}) {
        if (part && *part < 0) std::abort();
    }
    return 0;
}
