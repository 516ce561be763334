// SPDX-License-Identifier: MIT
#include "tracer/probes/stub_data.hpp"

#include <algorithm>
#include <cstddef>
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
            .table = offset_of(sizeof(StubDataHeader)),
            .capacity = capacity};
}

RemoteAddr stub_row_address(RemoteAddr data, std::uint32_t capacity, std::size_t index) {
    if (index >= capacity) return data + offsetof(StubDataHeader, overflow);
    return data + sizeof(StubDataHeader) + index * sizeof(StubRow);
}

Result<StubCounters> read_stub_counters(const ProcessMemory& memory, RemoteAddr data) {
    CT_TRY(const auto header, memory.read_as<StubDataHeader>(data));
    return StubCounters{.coroutines = header.coroutines,
                        .agen_methods = header.agen_methods,
                        .warned = header.warned,
                        .handled = header.handled,
                        .call_overflow = header.call_overflow.count,
                        .attempts = header.attempts,
                        .refused = header.refused};
}

Result<std::vector<StubRow>> read_stub_rows(const ProcessMemory& memory, RemoteAddr data,
                                            std::uint32_t capacity) {
    std::vector<StubRow> rows(capacity);
    auto done = memory.read(data + sizeof(StubDataHeader), std::as_writable_bytes(std::span(rows)));
    if (!done) return done.error();
    CT_TRY(const auto overflow, memory.read_as<StubRow>(data + offsetof(StubDataHeader, overflow)));
    rows.push_back(overflow);
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

Status write_row_grant(const ProcessMemory& memory, RemoteAddr row, std::uint32_t granted) {
    return memory.write(row + arch::RowLayout::kGranted, std::as_bytes(std::span(&granted, 1)));
}

}  // namespace corotrace
