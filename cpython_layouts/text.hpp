// SPDX-License-Identifier: MIT
// Text of the target as code points: into valid UTF-8, and into what Python's repr() shows. Pure.
#pragma once

#include <string>
#include <string_view>

namespace corotrace {

// Appends one code point as UTF-8; a surrogate or what is beyond U+10FFFF becomes U+FFFD.
void append_utf8(std::string& text, char32_t c);
[[nodiscard]] std::string to_utf8(std::u32string_view chars);

// The same bytes where they are valid UTF-8 (no overlong form, no surrogate), U+FFFD for each byte that is
// not.
[[nodiscard]] std::string to_valid_utf8(std::string_view bytes);

// str.isprintable() of one character, but that a code point which Unicode has not assigned counts as
// printable (which ones those are differs between Python versions).
[[nodiscard]] bool is_printable(char32_t c);

// repr() of a str: quotes, escapes. Source: CPython Objects/unicodeobject.c, unicode_repr.
[[nodiscard]] std::u32string repr_str(std::u32string_view chars);

// repr() of bytes given as chars 0-255, prefix b and quotes included. Source: bytesobject.c, PyBytes_Repr.
[[nodiscard]] std::u32string repr_bytes(std::u32string_view chars);

// repr() of a float: shortest digits that read back the same. Source: floatobject.c float_repr, pystrtod.c
// format_float_short with 'r': an exponent from 1e16 on and below 1e-4.
[[nodiscard]] std::string repr_float(double value);

}  // namespace corotrace
