// SPDX-License-Identifier: MIT
#include "symbols/utf8.hpp"

#include <unistr.h>

#include <array>

namespace corotrace {

namespace {

constexpr char32_t kReplacement = 0xfffd;

}  // namespace

std::optional<DecodedChar> decode_utf8(std::string_view text) {
    // Most text of the target is ASCII, and this is asked for each character of it.
    if (const auto first = static_cast<unsigned char>(text.front()); first < 0x80) {
        return DecodedChar{first, 1};
    }
    ucs4_t code_point = 0;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    const int length = u8_mbtoucr(&code_point, bytes, text.size());
    if (length <= 0) return std::nullopt;
    return DecodedChar{static_cast<char32_t>(code_point), static_cast<std::size_t>(length)};
}

void append_utf8(std::string& text, char32_t c) {
    std::array<std::uint8_t, 4> bytes{};
    int length = u8_uctomb(bytes.data(), c, bytes.size());
    if (length < 0) length = u8_uctomb(bytes.data(), kReplacement, bytes.size());
    text.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length));
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
        const auto next = decode_utf8(bytes);
        if (next) {
            text += bytes.substr(0, next->bytes);
        } else {
            append_utf8(text, kReplacement);
        }
        bytes.remove_prefix(next ? next->bytes : 1);
    }
    return text;
}

}  // namespace corotrace
