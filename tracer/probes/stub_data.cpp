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
            .captures = offset_of(offsetof(StubDataHeader, captures)),
            .capture_room = offset_of(offsetof(StubDataHeader, capture_room)),
            .capture_next = offset_of(offsetof(StubDataHeader, capture_next)),
            .capture_freed = offset_of(offsetof(StubDataHeader, capture_freed)),
            .captures_lost = offset_of(offsetof(StubDataHeader, captures_lost)),
            .capture_only = offset_of(offsetof(StubDataHeader, capture_only)),
            .task_finalizer = offset_of(offsetof(StubDataHeader, task_finalizer)),
            .directory = offset_of(sizeof(StubDataHeader)),
            .capacity = capacity};
}

StubRow parse_row(std::uint64_t row, std::uint32_t count) {
    const auto stops = static_cast<std::uint8_t>(row >> (arch::RowLayout::kStops * 8U));
    const auto granted = static_cast<std::uint8_t>(row >> (arch::RowLayout::kGranted * 8U));
    const auto used = static_cast<std::int8_t>(static_cast<std::uint8_t>(stops - granted));
    return {.key = row & ((std::uint64_t{1} << arch::SiteHash::kKeyBits) - 1),
            .count = count,
            .stops = stops,
            .granted = static_cast<std::uint32_t>(stops - used)};
}

StubCapture parse_capture(const RawCapture& raw) {
    constexpr std::uint64_t kNoPlace = arch::CaptureLayout::kNoPlace;
    constexpr std::uint32_t kDepthShift = 8U * (arch::CaptureLayout::kDepth - arch::CaptureLayout::kCode);
    StubCapture capture{.key = raw.key,
                        .code = raw.code & ((std::uint64_t{1} << kDepthShift) - 1),
                        .frames = {},
                        .depth = static_cast<std::uint32_t>(raw.code >> kDepthShift)};
    for (const std::uint64_t word : raw.words) {
        if (word == 0) break;
        CapturedFrame& frame = capture.frames.emplace_back();
        frame.code = {(word & ~kNoPlace) >> (arch::CaptureLayout::kPlaceBits - 3U)};
        if ((word & kNoPlace) != kNoPlace) frame.place = static_cast<std::uint32_t>(word & kNoPlace);
    }
    return capture;
}

RemoteAddr stub_row_address(RemoteAddr data, const StubPieces& pieces, std::size_t index) {
    const std::size_t piece = index / arch::RowLayout::kRowsPerPiece;
    if (piece >= pieces.size()) return data + offsetof(StubDataHeader, overflow);
    return pieces[piece] + index % arch::RowLayout::kRowsPerPiece * arch::RowLayout::kSize;
}

Result<StubCounters> read_stub_counters(const RemoteMemory& memory, RemoteAddr data) {
    CT_TRY(const auto header, memory.read_as<StubDataHeader>(data));
    if (header.magic != kStubMagic) return Error{Errc::malformed, 0, "the stub's block is gone"};
    return StubCounters{.coroutines = header.coroutines,
                        .agen_methods = header.agen_methods,
                        .warned = header.warned,
                        .handled = header.handled,
                        .call_overflow = parse_row(header.call_overflow).count,
                        .attempts = header.attempts,
                        .refused = header.refused,
                        .captures_lost = header.captures_lost,
                        .captures = header.capture_next - header.capture_freed,
                        .owner = header.owner};
}

Result<std::vector<StubRow>> read_stub_rows(const RemoteMemory& memory, RemoteAddr data,
                                            const StubPieces& pieces) {
    std::vector<StubRow> rows;
    rows.reserve(stub_capacity(pieces.size()) + 1);
    // Pieces that follow each other are one read.
    for (std::size_t first = 0; first < pieces.size();) {
        std::size_t last = first + 1;
        while (last < pieces.size() && pieces[last] == pieces[last - 1] + kPieceBytes) ++last;
        std::vector<RawPiece> raw(last - first);
        auto done = memory.read(pieces[first], std::as_writable_bytes(std::span(raw)));
        if (!done) return done.error();
        for (const RawPiece& piece : raw) {
            for (std::size_t i = 0; i < piece.rows.size(); ++i)
                rows.push_back(parse_row(piece.rows.at(i), piece.counts.at(i)));
        }
        first = last;
    }
    CT_TRY(const auto overflow, memory.read_as<RawRow>(data + offsetof(StubDataHeader, overflow)));
    rows.push_back(parse_row(overflow));
    return rows;
}

Result<std::vector<StubCapture>> take_stub_captures(const ProcessMemory& memory, RemoteAddr data,
                                                    const StubRing& ring) {
    CT_TRY(const auto header, memory.read_as<StubDataHeader>(data));
    std::vector<StubCapture> taken;
    for (std::uint32_t at = header.capture_freed; at != header.capture_next && taken.size() < ring.room;
         ++at) {
        const std::uint32_t slot = at & (ring.room - 1);
        const RemoteAddr part = ring.parts.at(slot >> arch::CaptureLayout::kPartShift);
        const RemoteAddr place = part + (slot % arch::CaptureLayout::kPerPart) * sizeof(RawCapture);
        CT_TRY(const auto raw, memory.read_as<RawCapture>(place));
        if (raw.key == 0) break;
        constexpr RawCapture kCleared;
        auto done = memory.write(place, std::as_bytes(std::span(&kCleared, 1)));
        const std::uint32_t freed = at + 1;
        if (done) {
            done = memory.write(data + offsetof(StubDataHeader, capture_freed),
                                std::as_bytes(std::span(&freed, 1)));
        }
        if (!done) return done.error();
        taken.push_back(parse_capture(raw));
    }
    return taken;
}

Status write_stub_beat(const ProcessMemory& memory, RemoteAddr data, std::uint32_t beat) {
    return memory.write(data + offsetof(StubDataHeader, beat), std::as_bytes(std::span(&beat, 1)));
}

Status write_stub_capture_only(const ProcessMemory& memory, RemoteAddr data, bool only) {
    const std::uint32_t word = only ? 1 : 0;
    return memory.write(data + offsetof(StubDataHeader, capture_only), std::as_bytes(std::span(&word, 1)));
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

Status write_stub_task_finalizer(const ProcessMemory& memory, RemoteAddr data, RemoteAddr finalizer) {
    return memory.write(data + offsetof(StubDataHeader, task_finalizer),
                        std::as_bytes(std::span(&finalizer.value, 1)));
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
    const auto field = static_cast<std::uint8_t>(granted);
    return memory.write(row + arch::RowLayout::kGranted, std::as_bytes(std::span(&field, 1)));
}

}  // namespace corotrace
