// SPDX-License-Identifier: MIT
#include "tracer/probes/stub_tally.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <unordered_map>

#include "tracer/probes/block_plan.hpp"

namespace corotrace {

namespace {

constexpr std::uint64_t kRowKeyMask = (std::uint64_t{1} << arch::SiteHash::kKeyBits) - 1;

void take_rows(const RawPiece& piece, std::vector<StubRow>& rows) {
    for (std::size_t i = 0; i < piece.rows.size(); ++i) {
        const StubRow row = parse_row(piece.rows.at(i), piece.counts.at(i));
        if (row.key != 0 && row.count != 0) rows.push_back({.key = row.key, .count = row.count});
    }
}

// As find_row() of the stub's code does: false where that would find none.
bool place_row(const StubRow& row, std::uint64_t capacity, std::vector<RawPiece>& pieces) {
    constexpr auto kRows = arch::RowLayout::kRowsPerPiece;
    const std::uint64_t key = row.key & kRowKeyMask;
    if (key == 0 || capacity == 0) return false;
    std::uint64_t at = ((key * arch::SiteHash::kMultiplier) >> 32U) * capacity >> 32U;
    std::uint64_t left = std::min<std::uint64_t>(capacity, arch::RowLayout::kMostProbes);
    for (; left > 0; --left, at = (at + left) % capacity) {
        RawPiece& piece = pieces[at / kRows];
        const auto index = static_cast<std::size_t>(at % kRows);
        const std::uint64_t there = piece.rows.at(index);
        if (there != 0 && there != key) continue;
        piece.rows.at(index) = key;
        piece.counts.at(index) += static_cast<std::uint32_t>(row.count);
        return true;
    }
    return false;
}

}  // namespace

void StubTally::add(const StubTally& other) {
    pid = other.pid;
    owner = other.owner;
    coroutines += other.coroutines;
    agen_methods += other.agen_methods;
    handled += other.handled;
    overflow += other.overflow;
    call_overflow += other.call_overflow;
    rows.insert(rows.end(), other.rows.begin(), other.rows.end());
}

void StubTally::take_away(const StubTally& original) {
    const auto lower = []<typename T>(T& count, T by) { count -= std::min(count, by); };
    lower(coroutines, original.coroutines);
    lower(agen_methods, original.agen_methods);
    lower(handled, original.handled);
    lower(overflow, original.overflow);
    lower(call_overflow, original.call_overflow);
    std::unordered_map<std::uint64_t, std::uint64_t> before;
    for (const StubRow& row : original.rows) before[row.key] += row.count;
    for (StubRow& row : rows) {
        if (const auto found = before.find(row.key); found != before.end()) lower(row.count, found->second);
    }
    std::erase_if(rows, [](const StubRow& row) { return row.count == 0; });
}

Result<StubTally> read_stub_tally(const RemoteMemory& memory, RemoteAddr data,
                                  const std::vector<RemoteAddr>& pieces) {
    CT_TRY(const auto header, memory.read_as<StubDataHeader>(data));
    if (header.magic != kStubMagic || header.capacity > stub_capacity(kMostPieces))
        return Error{Errc::malformed, 0, "the stub's block is of another version"};
    StubTally tally{.pid = header.pid,
                    .owner = header.owner,
                    .coroutines = header.coroutines,
                    .agen_methods = header.agen_methods,
                    .handled = header.handled,
                    .overflow = header.overflow.count,
                    .call_overflow = header.call_overflow.count,
                    .rows = {}};
    std::vector<std::uint64_t> directory(header.capacity / arch::RowLayout::kRowsPerPiece);
    const RemoteAddr start = data + sizeof(StubDataHeader);
    if (auto done = memory.read(start, std::as_writable_bytes(std::span(directory))); !done)
        return done.error();
    for (const std::uint64_t address : directory) {
        const bool inside = data.value <= address && address < data.value + header.data_bytes;
        if (!inside && std::ranges::find(pieces, RemoteAddr{address}) == pieces.end()) continue;
        CT_TRY(const auto piece, memory.read_as<RawPiece>({address}));
        take_rows(piece, tally.rows);
    }
    return tally;
}

PlacedTally place_tally(const StubTally& tally, std::uint32_t capacity) {
    constexpr auto kRows = arch::RowLayout::kRowsPerPiece;
    PlacedTally placed{.pieces = std::vector<RawPiece>((capacity + kRows - 1) / kRows),
                       .overflow = tally.overflow,
                       .call_overflow = tally.call_overflow};
    for (const StubRow& row : tally.rows) {
        if (place_row(row, capacity, placed.pieces)) continue;
        auto& without_row = arch::is_call_key(row.key) ? placed.call_overflow : placed.overflow;
        without_row += static_cast<std::uint32_t>(row.count);
    }
    return placed;
}

void put_tally(const StubTally& tally, const PlacedTally& placed, StubDataHeader& header) {
    header.coroutines = header.warned = tally.coroutines;
    header.agen_methods = tally.agen_methods;
    header.handled = tally.handled;
    header.overflow.count = placed.overflow;
    header.call_overflow.count = placed.call_overflow;
}

Status write_rows(const ProcessMemory& memory, const StubPieces& pieces, const PlacedTally& placed) {
    for (std::size_t i = 0; i < pieces.size() && i < placed.pieces.size(); ++i) {
        auto done = memory.write(pieces[i], std::as_bytes(std::span(&placed.pieces[i], 1)));
        if (!done) return done;
    }
    return {};
}

}  // namespace corotrace
