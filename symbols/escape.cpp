// SPDX-License-Identifier: MIT
#include "symbols/escape.hpp"

#include <unictype.h>
#include <uniwidth.h>

#include <array>
#include <cstdio>

#include "symbols/utf8.hpp"

namespace corotrace {
namespace {

// What could move a cursor or hide or reorder other text: controls, format characters (bidirectional
// controls, zero widths), separators of lines and paragraphs, and the tags and variation selectors of plane
// 14, which no font shows.
bool is_unsafe(char32_t c) {
    if (c < 0x7f) return c < 0x20;
    const uc_general_category_t unsafe =
        uc_general_category_or(uc_general_category_or(UC_CATEGORY_Cc, UC_CATEGORY_Cf),
                               uc_general_category_or(UC_CATEGORY_Zl, UC_CATEGORY_Zp));
    if (uc_is_general_category(c, unsafe)) return true;
    return uc_is_property_default_ignorable_code_point(c) &&
           (c >= 0xe0000 || uc_is_general_category(c, UC_CATEGORY_Cn));
}

void append_escaped(std::string& out, char32_t code_point) {
    if (code_point == U'\n' || code_point == U'\r' || code_point == U'\t') {
        out += code_point == U'\n' ? "\\n" : code_point == U'\r' ? "\\r" : "\\t";
        return;
    }
    const char* const format = code_point <= 0xff ? "\\x%02x" : code_point <= 0xffff ? "\\u%04x" : "\\U%08x";
    std::array<char, 16> escape{};
    std::snprintf(escape.data(), escape.size(), format, static_cast<unsigned>(code_point));
    out += escape.data();
}

std::size_t width_of(char32_t code_point) {
    const int width = uc_width(code_point, "UTF-8");
    return width < 0 ? 0 : static_cast<std::size_t>(width);
}

// As printable() promises its result, with one column for a byte that is not UTF-8 after all.
DecodedChar decode_printable(std::string_view text) {
    return decode_utf8(text).value_or(DecodedChar{U'?', 1});
}

constexpr std::string_view kCut = "...";

// Bytes of the longest beginning of `text` that takes at most `columns`.
std::size_t bytes_within(std::string_view text, std::size_t columns) {
    std::size_t at = 0;
    while (at < text.size()) {
        const DecodedChar next = decode_printable(text.substr(at));
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
        } else if (is_unsafe(next->code_point)) {
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
        const DecodedChar next = decode_printable(text);
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

std::vector<std::string> wrap(std::string_view text, std::size_t columns, std::size_t indent) {
    std::vector<std::string> lines;
    if (columns == 0) return lines;
    std::string begin;
    for (;;) {
        const std::size_t room = columns - begin.size();
        std::size_t bytes = bytes_within(text, room);
        if (bytes >= text.size()) break;
        // Not within what indents the line itself.
        const std::size_t space = text.substr(0, bytes + 1).rfind(' ');
        if (space != std::string_view::npos && space > text.find_first_not_of(' ')) bytes = space;
        if (bytes == 0) bytes = decode_printable(text).bytes;  // wider than the line
        lines.push_back(begin + std::string(text.substr(0, bytes)));
        text.remove_prefix(bytes);
        if (!text.empty() && text.front() == ' ') text.remove_prefix(1);
        begin = std::string(indent < columns ? indent : 0, ' ');
    }
    lines.push_back(begin + std::string(text));
    return lines;
}

}  // namespace corotrace
