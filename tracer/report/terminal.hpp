// SPDX-License-Identifier: MIT
// What the other end of an output is: a terminal or not, how wide, and whether it wants colors. The rules
// are the common ones: --color wins, then NO_COLOR, CLICOLOR_FORCE, TERM=dumb, then whether it is a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace corotrace {

enum class ColorMode : std::uint8_t { kAuto, kAlways, kNever };

struct TerminalFacts {
    bool is_terminal = false;
    std::optional<std::size_t> columns;         // of a terminal; null if it does not tell
    std::optional<std::string> no_color;        // environment: NO_COLOR
    std::optional<std::string> clicolor_force;  // CLICOLOR_FORCE
    std::optional<std::string> term;            // TERM
};

// Of this moment. Cost: two ioctls.
[[nodiscard]] TerminalFacts read_terminal_facts(int fd);
[[nodiscard]] std::optional<std::size_t> read_columns(int fd);

[[nodiscard]] bool wants_color(ColorMode mode, const TerminalFacts& facts);
// A line that is drawn over again needs a terminal that can go back to its start.
[[nodiscard]] bool can_redraw(const TerminalFacts& facts);

enum class Style : std::uint8_t { kHeadline, kLabel, kCaret, kTitle, kGood, kBad };

// Puts escape sequences round text, or nothing.
class Paint {
public:
    explicit Paint(bool colored) : colored_(colored) {}
    // `text` has passed printable() or is our own.
    [[nodiscard]] std::string operator()(Style style, std::string_view text) const;

private:
    bool colored_;
};

}  // namespace corotrace
