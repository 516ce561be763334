// SPDX-License-Identifier: MIT
// The one decoder and encoder of UTF-8. Strict as RFC 3629 section 4: no overlong form, no surrogate, nothing
// above U+10FFFF. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace corotrace {

struct DecodedChar {
    char32_t code_point = 0;
    std::size_t bytes = 0;
};

// The code point that `text`, not empty, begins with; nothing if its first byte begins none.
[[nodiscard]] std::optional<DecodedChar> decode_utf8(std::string_view text);

// Appends one code point; a surrogate or what is beyond U+10FFFF becomes U+FFFD.
void append_utf8(std::string& text, char32_t c);
[[nodiscard]] std::string to_utf8(std::u32string_view chars);

// The same bytes where they are valid, U+FFFD for each byte that is not.
[[nodiscard]] std::string to_valid_utf8(std::string_view bytes);

}  // namespace corotrace
