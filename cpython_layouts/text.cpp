// SPDX-License-Identifier: MIT
#include "cpython_layouts/text.hpp"

#include <unictype.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace corotrace {

namespace {

void append_hex(std::u32string& out, char32_t c, int digits) {
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
        out += static_cast<char32_t>("0123456789abcdef"[(c >> static_cast<unsigned>(shift)) & 0xfU]);
    }
}

void append_escaped(std::u32string& out, char32_t c, char32_t quote, bool bytes) {
    if (c == quote || c == U'\\') {
        out += U'\\';
        out += c;
    } else if (c == U'\t') {
        out += U"\\t";
    } else if (c == U'\n') {
        out += U"\\n";
    } else if (c == U'\r') {
        out += U"\\r";
    } else if (bytes ? c >= U' ' && c < 0x7f : is_printable(c)) {
        out += c;
    } else if (c <= 0xff) {
        out += U"\\x";
        append_hex(out, c, 2);
    } else if (c <= 0xffff) {
        out += U"\\u";
        append_hex(out, c, 4);
    } else {
        out += U"\\U";
        append_hex(out, c, 8);
    }
}

std::u32string repr_quoted(std::u32string_view chars, bool bytes) {
    const bool has_single = chars.find(U'\'') != std::u32string_view::npos;
    const bool has_double = chars.find(U'"') != std::u32string_view::npos;
    const char32_t quote = has_single && !has_double ? U'"' : U'\'';
    std::u32string out = bytes ? U"b" : U"";
    out += quote;
    for (const char32_t c : chars) append_escaped(out, c, quote, bytes);
    out += quote;
    return out;
}

}  // namespace

bool is_printable(char32_t c) {
    if (c <= 0x7e) return c >= 0x20;
    constexpr std::uint32_t kHidden = UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Cf | UC_CATEGORY_MASK_Cs |
                                      UC_CATEGORY_MASK_Co | UC_CATEGORY_MASK_Zl | UC_CATEGORY_MASK_Zp |
                                      UC_CATEGORY_MASK_Zs;
    return c <= 0x10ffff && !uc_is_property_not_a_character(c) &&
           !uc_is_general_category_withtable(c, kHidden);
}

std::u32string repr_str(std::u32string_view chars) {
    return repr_quoted(chars, false);
}

std::u32string repr_bytes(std::u32string_view chars) {
    return repr_quoted(chars, true);
}

std::string repr_float(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    std::array<char, 64> buffer{};
    const auto scientific =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific);
    std::string text(buffer.data(), scientific.ptr);
    const std::size_t e = text.find('e');
    int exponent = 0;
    const std::size_t digits_at = e + (text[e + 1] == '+' ? 2 : 1);
    std::from_chars(text.data() + digits_at, text.data() + text.size(), exponent);
    if (exponent < -4 || exponent >= 16) return text;  // to_chars writes at least two digits, as Python does
    const auto fixed =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
    text.assign(buffer.data(), fixed.ptr);
    if (text.find('.') == std::string::npos) text += ".0";
    return text;
}

}  // namespace corotrace
