// SPDX-License-Identifier: MIT
// Python source read as text, for fixes where no position is known: which of it is code, where brackets
// close, where a name is called. Pure. Everything is "not there" rather than guessed.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace corotrace {

// Byte columns [begin, end) of a line.
struct TextSpan {
    std::size_t begin = 0;
    std::size_t end = 0;

    bool operator==(const TextSpan&) const = default;
};

template <std::size_t N>
[[nodiscard]] bool is_one_of(std::string_view text, const std::array<std::string_view, N>& texts) {
    return std::ranges::find(texts, text) != texts.end();
}

// "c" of a.b.c.
[[nodiscard]] std::string last_part(const std::string& dotted);

// Of a name. Bytes that are not ASCII are.
[[nodiscard]] bool is_word(char c);

// True for each byte of the line that is code: not in a string, not in a comment. An f-string counts as code:
// its braces hold some, and a call is looked for by name.
[[nodiscard]] std::vector<bool> mark_code(std::string_view line);

// Behind the bracket that closes the one at `open`; nothing if the line ends before. `code`: mark_code().
[[nodiscard]] std::optional<std::size_t> find_close(std::string_view line, const std::vector<bool>& code,
                                                    std::size_t open);

// The bracket around `at` that is opened last before it.
[[nodiscard]] std::optional<std::size_t> find_open(std::string_view line, const std::vector<bool>& code,
                                                   std::size_t at);

// Where the expression begins whose last name begins at `at`: over "a.b.", "f(x).", "d[0].".
[[nodiscard]] std::size_t find_begin(std::string_view line, std::size_t at);

// The expressions of the line that end with this name and, if `called`, the brackets of their calls; not
// where it is defined or awaited. Of calls, none if one of them goes on in another line.
[[nodiscard]] std::vector<TextSpan> list_named(std::string_view line, std::string_view name, bool called);

// The one of them. Null: none, or several.
[[nodiscard]] std::optional<TextSpan> find_named(std::string_view line, std::string_view name, bool called);

[[nodiscard]] std::string strip_blanks(std::string_view text);

// Without its indentation, and without a comment behind it.
[[nodiscard]] std::string statement_of(std::string_view line);

}  // namespace corotrace
