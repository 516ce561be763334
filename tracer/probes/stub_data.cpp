// SPDX-License-Identifier: MIT
#include "tracer/probes/stub_data.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>

namespace corotrace {

namespace {

constexpr Offset offset_of(std::size_t field) {
    return static_cast<Offset>(field);
}

}  // namespace

arch::DataOffsets stub_data_offsets(std::uint32_t capacity) {
    return {.overflow = offset_of(offsetof(StubDataHeader, overflow)),
            .call_overflow = offset_of(offsetof(StubDataHeader, call_overflow)),
            .budget = offset_of(offsetof(StubDataHeader, budget)),
            .attempts = offset_of(offsetof(StubDataHeader, attempts)),
            .refused = offset_of(offsetof(StubDataHeader, refused)),
            .initial_stops = offset_of(offsetof(StubDataHeader, initial_stops)),
            .pid = offset_of(offsetof(StubDataHeader, pid)),
            .walk_depth = offset_of(offsetof(StubDataHeader, walk_depth)),
            .directory = offset_of(sizeof(StubDataHeader)),
            .capacity = capacity};
}

StubRow parse_row(const RawRow& raw) {
    constexpr int kHigh = 48;
    constexpr std::uint64_t kLow = (std::uint64_t{1} << kHigh) - 1;
    const auto stops = static_cast<std::uint16_t>(raw.code_and_stops >> kHigh);
    const auto granted = static_cast<std::uint16_t>(raw.count_and_granted >> kHigh);
    const auto used = static_cast<std::int16_t>(static_cast<std::uint16_t>(stops - granted));
    return {.key = raw.key,
            .code = raw.code_and_stops & kLow,
            .count = raw.count_and_granted & kLow,
            .stops = stops,
            .granted = static_cast<std::uint32_t>(stops - used)};
}

RemoteAddr stub_row_address(RemoteAddr data, const StubPieces& pieces, std::size_t index) {
    const std::size_t piece = index / arch::RowLayout::kRowsPerPiece;
    if (piece >= pieces.size()) return data + offsetof(StubDataHeader, overflow);
    return pieces[piece] + index % arch::RowLayout::kRowsPerPiece * sizeof(RawRow);
}

Result<StubCounters> read_stub_counters(const ProcessMemory& memory, RemoteAddr data) {
    CT_TRY(const auto header, memory.read_as<StubDataHeader>(data));
    return StubCounters{.coroutines = header.coroutines,
                        .agen_methods = header.agen_methods,
                        .warned = header.warned,
                        .handled = header.handled,
                        .call_overflow = parse_row(header.call_overflow).count,
                        .attempts = header.attempts,
                        .refused = header.refused};
}

Result<std::vector<StubRow>> read_stub_rows(const ProcessMemory& memory, RemoteAddr data,
                                            const StubPieces& pieces) {
    std::vector<StubRow> rows;
    rows.reserve(stub_capacity(pieces.size()) + 1);
    // Pieces that follow each other are one read.
    for (std::size_t first = 0; first < pieces.size();) {
        std::size_t last = first + 1;
        while (last < pieces.size() && pieces[last] == pieces[last - 1] + kPieceBytes) ++last;
        std::vector<RawRow> raw((last - first) * arch::RowLayout::kRowsPerPiece);
        auto done = memory.read(pieces[first], std::as_writable_bytes(std::span(raw)));
        if (!done) return done.error();
        std::ranges::transform(raw, std::back_inserter(rows), parse_row);
        first = last;
    }
    CT_TRY(const auto overflow, memory.read_as<RawRow>(data + offsetof(StubDataHeader, overflow)));
    rows.push_back(parse_row(overflow));
    return rows;
}

Status write_stub_budget(const ProcessMemory& memory, RemoteAddr data, std::int64_t stops) {
    return memory.write(data + offsetof(StubDataHeader, budget), std::as_bytes(std::span(&stops, 1)));
}

Status write_stub_slot(const ProcessMemory& memory, RemoteAddr data, std::size_t index,
                       const SlotRecord& record) {
    const RemoteAddr place = data + offsetof(StubDataHeader, slots) + index * sizeof(SlotRecord);
    auto done = memory.write(place, std::as_bytes(std::span(&record, 1)));
    if (!done) return done;
    const RemoteAddr counter = data + offsetof(StubDataHeader, slot_count);
    CT_TRY(const auto before, memory.read_as<std::uint32_t>(counter));
    const auto count = std::max(before, static_cast<std::uint32_t>(index + 1));
    return memory.write(counter, std::as_bytes(std::span(&count, 1)));
}

Status write_stub_origin(const ProcessMemory& memory, RemoteAddr data, const OriginRecord& record) {
    return memory.write(data + offsetof(StubDataHeader, origin), std::as_bytes(std::span(&record, 1)));
}

Status write_stub_following(const ProcessMemory& memory, RemoteAddr data, bool following) {
    const std::uint64_t word = following ? 1 : 0;
    return memory.write(data + offsetof(StubDataHeader, following), std::as_bytes(std::span(&word, 1)));
}

Status write_stub_warned(const ProcessMemory& memory, RemoteAddr data, std::uint64_t count) {
    return memory.write(data + offsetof(StubDataHeader, warned), std::as_bytes(std::span(&count, 1)));
}

Status write_stub_initial_stops(const ProcessMemory& memory, RemoteAddr data, std::uint32_t stops) {
    return memory.write(data + offsetof(StubDataHeader, initial_stops), std::as_bytes(std::span(&stops, 1)));
}

Status write_stub_walk_depth(const ProcessMemory& memory, RemoteAddr data, std::uint32_t frames) {
    return memory.write(data + offsetof(StubDataHeader, walk_depth), std::as_bytes(std::span(&frames, 1)));
}

Status write_row_grant(const ProcessMemory& memory, RemoteAddr row, std::uint32_t granted) {
    const auto field = static_cast<std::uint16_t>(granted);
    return memory.write(row + arch::RowLayout::kGranted, std::as_bytes(std::span(&field, 1)));
}

}  // namespace corotrace
