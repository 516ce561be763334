// SPDX-License-Identifier: MIT
#include "cpython_layouts/line_table.hpp"

#include <limits>

namespace corotrace {

namespace {

// Takes bytes off a table; past the end it says so instead of inventing zeros.
class Reader {
public:
    explicit Reader(ByteView bytes) : bytes_(bytes) {}

    [[nodiscard]] bool done() const { return at_ >= bytes_.size(); }

    std::optional<unsigned> take() {
        if (done()) return std::nullopt;
        return static_cast<unsigned>(bytes_[at_++]);
    }

    // 6 bits a byte, least significant first, bit 6 set if more follow.
    std::optional<std::int64_t> take_varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 36; shift += 6) {
            const auto byte = take();
            if (!byte) return std::nullopt;
            value |= static_cast<std::uint64_t>(*byte & 63U) << shift;
            if ((*byte & 64U) == 0) return static_cast<std::int64_t>(value);
        }
        return std::nullopt;
    }

    std::optional<std::int64_t> take_signed_varint() {
        const auto value = take_varint();
        if (!value) return std::nullopt;
        return (*value & 1) != 0 ? -(*value >> 1) : *value >> 1;
    }

private:
    ByteView bytes_;
    std::size_t at_ = 0;
};

std::optional<int> to_int(std::int64_t value) {
    if (value < 0 || value > std::numeric_limits<int>::max()) return std::nullopt;
    return static_cast<int>(value);
}

std::int64_t signed_byte(unsigned byte) {
    return static_cast<std::int8_t>(byte);
}

// The last line whose address is not behind the offset.
Position find_in_lnotab(ByteView table, int first_line, std::int64_t byte_offset) {
    Reader reader(table);
    std::int64_t line = first_line;
    std::int64_t address = 0;
    while (!reader.done()) {
        const auto address_delta = reader.take();
        const auto line_delta = reader.take();
        if (!address_delta || !line_delta) break;
        address += *address_delta;
        if (address > byte_offset) break;
        line += signed_byte(*line_delta);
    }
    return {.line = to_int(line), .end_line = {}, .col = {}, .end_col = {}};
}

// Ranges one after the other; -128 is a range without a line, which leaves the count as it is.
Position find_in_pairs(ByteView table, int first_line, std::int64_t byte_offset) {
    constexpr std::int64_t kNoLine = -128;
    Reader reader(table);
    std::int64_t line = first_line;
    std::int64_t end = 0;
    while (!reader.done()) {
        const auto length = reader.take();
        const auto delta = reader.take();
        if (!length || !delta) break;
        const bool has_line = signed_byte(*delta) != kNoLine;
        if (has_line) line += signed_byte(*delta);
        end += *length;
        if (byte_offset >= end) continue;
        return {.line = has_line ? to_int(line) : std::nullopt, .end_line = {}, .col = {}, .end_col = {}};
    }
    return {};
}

// One entry of a location table behind its first byte. Moves `line` on; nothing if the table ends.
std::optional<Position> take_location(Reader& reader, unsigned code, std::int64_t& line) {
    constexpr unsigned kFirstOneLine = 10;
    constexpr unsigned kNoColumns = 13;
    constexpr unsigned kLong = 14;
    constexpr unsigned kNone = 15;
    if (code == kNone) return Position{};
    if (code == kNoColumns || code == kLong) {
        const auto delta = reader.take_signed_varint();
        if (!delta) return std::nullopt;
        line += *delta;
        if (code == kNoColumns) return Position{to_int(line), to_int(line), {}, {}};
        const auto end_delta = reader.take_varint();
        const auto col = reader.take_varint();
        const auto end_col = reader.take_varint();
        if (!end_delta || !col || !end_col) return std::nullopt;
        return Position{to_int(line), to_int(line + *end_delta), to_int(*col - 1), to_int(*end_col - 1)};
    }
    const auto first = reader.take();
    if (!first) return std::nullopt;
    if (code < kFirstOneLine) {
        const std::int64_t col = static_cast<std::int64_t>(code) * 8 + ((*first >> 4U) & 7U);
        return Position{to_int(line), to_int(line), to_int(col), to_int(col + (*first & 15U))};
    }
    const auto second = reader.take();
    if (!second) return std::nullopt;
    line += code - kFirstOneLine;
    return Position{to_int(line), to_int(line), to_int(*first), to_int(*second)};
}

Position find_in_locations(ByteView table, int first_line, std::int64_t byte_offset) {
    Reader reader(table);
    std::int64_t line = first_line;
    std::int64_t end = 0;
    while (!reader.done()) {
        const auto head = reader.take();
        if (!head || (*head & 0x80U) == 0) return {};
        const auto position = take_location(reader, (*head >> 3U) & 15U, line);
        if (!position) return {};
        end += static_cast<std::int64_t>((*head & 7U) + 1) * kCodeUnit;
        if (byte_offset < end) return *position;
    }
    return {};
}

}  // namespace

Position find_position(LineTableRule rule, ByteView table, int first_line, std::int64_t byte_offset) {
    if (byte_offset < 0) return {.line = first_line, .end_line = {}, .col = {}, .end_col = {}};
    switch (rule) {
        case LineTableRule::kLnotab:
            return find_in_lnotab(table, first_line, byte_offset);
        case LineTableRule::kPairs:
            return find_in_pairs(table, first_line, byte_offset);
        case LineTableRule::kLocations:
            return find_in_locations(table, first_line, byte_offset);
    }
    return {};
}

}  // namespace corotrace
