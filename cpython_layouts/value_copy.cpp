// SPDX-License-Identifier: MIT
#include "cpython_layouts/value_copy.hpp"

#include <algorithm>

#include "cpython_layouts/text.hpp"
#include "symbols/utf8.hpp"

namespace corotrace {

namespace {

constexpr std::string_view kEllipsis = "...";

template <typename String>
String cut(const String& text, int max) {
    if (text.size() <= static_cast<std::size_t>(std::max(max, 0))) return text;
    const int head = std::max(0, (max - 3) / 2);
    const int tail = std::max(0, max - 3 - head);
    String shorter = text.substr(0, static_cast<std::size_t>(head));
    shorter.append(kEllipsis.begin(), kEllipsis.end());
    shorter.append(text, text.size() - static_cast<std::size_t>(tail));
    return shorter;
}

std::string bytes_to_text(const std::vector<std::byte>& bytes, int max) {
    std::u32string chars;
    chars.reserve(bytes.size());
    for (const std::byte byte : bytes) chars += static_cast<char32_t>(byte);
    return to_utf8(cut(repr_bytes(chars), max));
}

std::string items_to_text(const ItemsCopy& copy, const TextCaps& caps) {
    std::string text;
    for (std::size_t i = 0; i < copy.items.size(); ++i) {
        const bool is_value = copy.kind == ItemsCopy::Kind::kDict && i % 2 == 1;
        text += i == 0 ? "" : is_value ? ": " : ", ";
        text += to_text(copy.items[i], caps);
    }
    if (copy.has_more) text += text.empty() ? kEllipsis : ", ...";
    switch (copy.kind) {
        case ItemsCopy::Kind::kTuple:
            return '(' + text + (copy.is_single_tuple ? ",)" : ")");
        case ItemsCopy::Kind::kList:
            return '[' + text + ']';
        case ItemsCopy::Kind::kDict:
            break;
    }
    return '{' + text + '}';
}

}  // namespace

std::string cut_middle(const std::string& text, int max) {
    return cut(text, max);
}

std::string to_text(const ValueCopy& copy, const TextCaps& caps) {
    if (const auto* text = std::get_if<std::string>(&copy.value)) return *text;
    if (const auto* number = std::get_if<IntDigits>(&copy.value))
        return cut(to_decimal(*number), caps.max_long);
    if (const auto* bytes = std::get_if<std::vector<std::byte>>(&copy.value))
        return bytes_to_text(*bytes, caps.max_other);
    return items_to_text(std::get<ItemsCopy>(copy.value), caps);
}

}  // namespace corotrace
