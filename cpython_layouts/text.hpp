// SPDX-License-Identifier: MIT
// What Python's repr() shows of text and numbers. Pure.
#pragma once

#include <string>
#include <string_view>

namespace corotrace {

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
