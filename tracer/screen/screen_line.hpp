// SPDX-License-Identifier: MIT
// What a screen is made of and what it hears, without a terminal: lines with a style, and keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace corotrace {

enum class LineStyle : std::uint8_t { kPlain, kTitle, kHeading, kSelected, kHint };

struct ScreenLine {
    std::string text;  // has passed printable(), and is no wider than the screen
    LineStyle style = LineStyle::kPlain;
};

struct ScreenSize {
    std::size_t rows = 0;
    std::size_t columns = 0;
};

enum class ScreenKey : std::uint8_t {
    kNone,
    kUp,
    kDown,
    kPageUp,
    kPageDown,
    kHome,
    kEnd,
    kOpen,    // right
    kClose,   // left
    kToggle,  // Enter
    kSort,
    kPause,
    kHelp,
    kQuit,
};

}  // namespace corotrace
