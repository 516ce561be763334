// SPDX-License-Identifier: MIT
#include "cpython_layouts/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace corotrace {

namespace {

constexpr char32_t kReplacement = 0xfffd;

struct Range {
    char32_t first;
    char32_t last;
};

// Categories Cc, Cf, Cs, Co, Zl, Zp, and Zs but for the space. Source: Unicode 15.1 UnicodeData.txt (the
// ranges are the same in 12.1 but for U+0890, U+13439 to U+1343F, which were unassigned).
constexpr std::array kNotPrintable = {
    Range{0x0, 0x1f},        Range{0x7f, 0xa0},       Range{0xad, 0xad},       Range{0x600, 0x605},
    Range{0x61c, 0x61c},     Range{0x6dd, 0x6dd},     Range{0x70f, 0x70f},     Range{0x890, 0x891},
    Range{0x8e2, 0x8e2},     Range{0x1680, 0x1680},   Range{0x180e, 0x180e},   Range{0x2000, 0x200f},
    Range{0x2028, 0x202f},   Range{0x205f, 0x2064},   Range{0x2066, 0x206f},   Range{0x3000, 0x3000},
    Range{0xd800, 0xf8ff},   Range{0xfeff, 0xfeff},   Range{0xfff9, 0xfffb},   Range{0x110bd, 0x110bd},
    Range{0x110cd, 0x110cd}, Range{0x13430, 0x1343f}, Range{0x1bca0, 0x1bca3}, Range{0x1d173, 0x1d17a},
    Range{0xe0001, 0xe0001}, Range{0xe0020, 0xe007f}, Range{0xf0000, 0xffffd}, Range{0x100000, 0x10fffd},
};

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

// Length of the valid UTF-8 sequence at the front, 0 if there is none.
std::size_t valid_sequence(std::string_view bytes) {
    const auto byte = [&](std::size_t i) {
        return static_cast<unsigned>(static_cast<unsigned char>(bytes[i]));
    };
    const unsigned lead = byte(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || bytes.size() < length) return 0;
    std::uint32_t c = lead & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0U) != 0x80) return 0;
        c = (c << 6U) | (byte(i) & 0x3fU);
    }
    const bool overlong = (length == 3 && c < 0x800) || (length == 4 && c < 0x10000);
    const bool surrogate = c >= 0xd800 && c <= 0xdfff;
    return overlong || surrogate || c > 0x10ffff ? 0 : length;
}

}  // namespace

void append_utf8(std::string& text, char32_t c) {
    if ((c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff) c = kReplacement;
    const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xc0U | (c >> 6U));
        put(0x80U | (c & 0x3fU));
    } else if (c < 0x10000) {
        put(0xe0U | (c >> 12U));
        put(0x80U | ((c >> 6U) & 0x3fU));
        put(0x80U | (c & 0x3fU));
    } else {
        put(0xf0U | (c >> 18U));
        put(0x80U | ((c >> 12U) & 0x3fU));
        put(0x80U | ((c >> 6U) & 0x3fU));
        put(0x80U | (c & 0x3fU));
    }
}

std::string to_utf8(std::u32string_view chars) {
    std::string text;
    text.reserve(chars.size());
    for (const char32_t c : chars) append_utf8(text, c);
    return text;
}

std::string to_valid_utf8(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    while (!bytes.empty()) {
        const std::size_t length = valid_sequence(bytes);
        if (length == 0) {
            append_utf8(text, kReplacement);
        } else {
            text += bytes.substr(0, length);
        }
        bytes.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return text;
}

bool is_printable(char32_t c) {
    const auto* range = std::lower_bound(kNotPrintable.begin(), kNotPrintable.end(), c,
                                         [](const Range& r, char32_t wanted) { return r.last < wanted; });
    const bool is_noncharacter = (c & 0xfffeU) == 0xfffeU || (c >= 0xfdd0 && c <= 0xfdef);
    return c <= 0x10ffff && !is_noncharacter && (range == kNotPrintable.end() || c < range->first);
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
