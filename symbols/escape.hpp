// SPDX-License-Identifier: MIT
// What a hostile string looks like on a terminal, and how wide it is there. The target chooses names, paths
// and values, so each of them passes through printable() on its way to text; JSON has escapes of its own.
// Unicode's tables are those of libunistring.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace corotrace {

// `text` with everything that could move a cursor, hide or reorder other text made visible the way Python's
// repr() does: \n \r \t, \x1b (C0, DEL, C1 and each byte that is not UTF-8), \u202e (format characters:
// bidirectional controls, zero widths, line and paragraph separators, tags). All else stays; the result is
// valid UTF-8 in one line. A backslash of the text itself is kept, so this is for eyes, not to be reversed.
[[nodiscard]] std::string printable(std::string_view text);

// printable() of a line of source code: tabs become four spaces instead of \t.
[[nodiscard]] std::string printable_source(std::string_view line);

// Columns that `text`, a result of printable(), takes: 2 for wide and 0 for combining characters.
[[nodiscard]] std::size_t display_width(std::string_view text);

// The first or last `columns` columns of `text`, a result of printable(), with "..." where it was cut.
[[nodiscard]] std::string cut_right(std::string_view text, std::size_t columns);
[[nodiscard]] std::string cut_left(std::string_view text, std::size_t columns);

// `text`, a result of printable(), in lines of at most `columns` columns, broken at a space where there is
// one; each but the first begins with `indent` spaces, if there is room for more than these.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, std::size_t columns, std::size_t indent);

}  // namespace corotrace
