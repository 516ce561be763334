// SPDX-License-Identifier: MIT
// A fix beside the line that it replaces. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tracer/findings/finding.hpp"

namespace corotrace {

// The line that the fix replaces, as its frame shows it, without its indentation; "" if none of the frames
// shows that line.
[[nodiscard]] std::string_view line_to_fix(const Finding& finding);

enum class DiffPart : std::uint8_t { kAround, kRemoved, kAdded };
struct DiffLine {
    DiffPart part = DiffPart::kAround;
    std::string text;  // printable, with "- ", "+ " or "  "
};
// That line, the fix, and of what stands around it one line before and one behind, where a frame has these.
// Empty as above.
[[nodiscard]] std::vector<DiffLine> make_fix_diff(const Finding& finding);

// Whether the fix is the line with something put in: awaits, calls of asyncio, lambdas. What awaits there, or
// is async, may go; so may a comment.
[[nodiscard]] bool is_line_repaired(std::string_view line, std::string_view fix);

}  // namespace corotrace
