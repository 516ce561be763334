// SPDX-License-Identifier: MIT
#include "tracer/report/escape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>

namespace corotrace {
namespace {

struct Range {
    char32_t first;
    char32_t last;
};

// Categories Cf, Zl and Zp of Unicode 14, and the C1 controls.
constexpr Range kFormat[] = {
    {0x7f, 0x9f},       {0xad, 0xad},       {0x600, 0x605},     {0x61c, 0x61c},     {0x6dd, 0x6dd},
    {0x70f, 0x70f},     {0x890, 0x891},     {0x8e2, 0x8e2},     {0x180e, 0x180e},   {0x200b, 0x200f},
    {0x2028, 0x202e},   {0x2060, 0x206f},   {0xfeff, 0xfeff},   {0xfff9, 0xfffb},   {0x110bd, 0x110bd},
    {0x110cd, 0x110cd}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

// East Asian width W and F and the emoji blocks of Unicode 14, in coarse ranges.
constexpr Range kWide[] = {
    {0x1100, 0x115f},   {0x2329, 0x232a},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xa960, 0xa97c},
    {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe10, 0xfe19},   {0xfe30, 0xfe6b},   {0xff01, 0xff60},
    {0xffe0, 0xffe6},   {0x17000, 0x18cff}, {0x1b000, 0x1b2ff}, {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff},
    {0x1f900, 0x1faff}, {0x20000, 0x3fffd},
};

// The common blocks of category Mn, Unicode 14.
constexpr Range kCombining[] = {
    {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x64b, 0x65f},   {0x1ab0, 0x1aff},
    {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xe0100, 0xe01ef},
};

template <std::size_t kSize>
bool is_in(const Range (&ranges)[kSize], char32_t code_point) {
    return std::any_of(std::begin(ranges), std::end(ranges), [&](const Range& range) {
        return code_point >= range.first && code_point <= range.last;
    });
}

struct Decoded {
    char32_t code_point;
    std::size_t bytes;
};

// The code point that `text`, not empty, begins with; nothing if its first byte begins none.
// Source: RFC 3629 section 4, which excludes overlong forms, surrogates and what is above U+10FFFF.
std::optional<Decoded> decode_utf8(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    if (lead < 0x80) return Decoded{lead, 1};
    const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return std::nullopt;
    auto code_point = static_cast<char32_t>(lead & (0x7fU >> bytes));
    for (std::size_t i = 1; i < bytes; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xc0U) != 0x80) return std::nullopt;
        code_point = (code_point << 6U) | (next & 0x3fU);
    }
    const char32_t least = bytes == 4 ? 0x10000 : bytes == 3 ? 0x800 : 0x80;
    const bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
    if (code_point < least || surrogate || code_point > 0x10ffff) return std::nullopt;
    return Decoded{code_point, bytes};
}

void append_escaped(std::string& out, char32_t code_point) {
    const auto number = static_cast<std::uint32_t>(code_point);
    if (number == '\n') {
        out += "\\n";
    } else if (number == '\r') {
        out += "\\r";
    } else if (number == '\t') {
        out += "\\t";
    } else if (number <= 0xff) {
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", number);
    } else if (number <= 0xffff) {
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", number);
    } else {
        fmt::format_to(std::back_inserter(out), "\\U{:08x}", number);
    }
}

std::size_t width_of(char32_t code_point) {
    if (code_point < 0x300) return 1;
    if (is_in(kCombining, code_point)) return 0;
    return is_in(kWide, code_point) ? 2 : 1;
}

// As printable() promises its result, with one column for a byte that is not UTF-8 after all.
Decoded decode_printable(std::string_view text) {
    return decode_utf8(text).value_or(Decoded{U'?', 1});
}

constexpr std::string_view kCut = "...";

// Bytes of the longest beginning of `text` that takes at most `columns`.
std::size_t bytes_within(std::string_view text, std::size_t columns) {
    std::size_t at = 0;
    while (at < text.size()) {
        const Decoded next = decode_printable(text.substr(at));
        const std::size_t width = width_of(next.code_point);
        if (width > columns) break;
        columns -= width;
        at += next.bytes;
    }
    return at;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto next = decode_utf8(text);
        if (!next) {
            append_escaped(out, static_cast<unsigned char>(text.front()));
        } else if (next->code_point < 0x20 ||
                   (next->code_point >= 0x7f && is_in(kFormat, next->code_point))) {
            append_escaped(out, next->code_point);
        } else {
            out.append(text.substr(0, next->bytes));
        }
        text.remove_prefix(next ? next->bytes : 1);
    }
    return out;
}

std::string printable_source(std::string_view line) {
    std::string spaced;
    spaced.reserve(line.size());
    for (const char c : line) {
        if (c == '\t') {
            spaced += "    ";
        } else {
            spaced += c;
        }
    }
    return printable(spaced);
}

std::size_t display_width(std::string_view text) {
    std::size_t columns = 0;
    while (!text.empty()) {
        const Decoded next = decode_printable(text);
        columns += width_of(next.code_point);
        text.remove_prefix(next.bytes);
    }
    return columns;
}

std::string cut_right(std::string_view text, std::size_t columns) {
    if (display_width(text) <= columns) return std::string(text);
    if (columns <= kCut.size()) return std::string(kCut.substr(0, columns));
    return std::string(text.substr(0, bytes_within(text, columns - kCut.size()))) + std::string(kCut);
}

std::string cut_left(std::string_view text, std::size_t columns) {
    const std::size_t width = display_width(text);
    if (width <= columns) return std::string(text);
    if (columns <= kCut.size()) return std::string(kCut.substr(0, columns));
    while (!text.empty() && display_width(text) > columns - kCut.size())
        text.remove_prefix(decode_printable(text).bytes);
    return std::string(kCut) + std::string(text);
}

}  // namespace corotrace
