// SPDX-License-Identifier: MIT
#include "tracer/probes/block_plan.hpp"

#include <algorithm>

namespace corotrace {

namespace {

constexpr std::size_t kEntry = sizeof(std::uint64_t);

// In the block itself. A power of two, or 0.
std::uint32_t choose_captures(std::uint64_t all, std::uint64_t room, bool for_captures) {
    constexpr std::uint64_t kFew = 4 * sizeof(RawCapture);
    const std::uint64_t share = for_captures ? all / 2 : std::max(all / 12, kFew);
    std::uint32_t captures = for_captures ? kMostCaptures : kMostCaptures / 4;
    const std::uint64_t directory = std::min<std::uint64_t>(kMostPieces, all / kPieceBytes) * kEntry;
    const auto fits = [&] {
        const std::uint64_t bytes = captures * sizeof(RawCapture);
        return bytes <= share && bytes + directory + kPieceBytes <= room;
    };
    while (captures > 0 && !fits()) captures /= 2;
    return captures;
}

// Further parts of the ring, at the beginning of the caves behind the first; all together are a power of two.
std::vector<RemoteAddr> choose_parts(const std::vector<Cave>& caves, std::uint64_t all,
                                     std::uint32_t captures) {
    constexpr std::uint32_t kPerPart = arch::CaptureLayout::kPerPart;
    std::vector<RemoteAddr> parts;
    const auto total = [&] { return captures / kPerPart + parts.size(); };
    for (std::size_t i = 1; i < caves.size(); ++i) {
        for (std::uint64_t at = 0; at + kCaptureBytes <= caves[i].bytes; at += kCaptureBytes) {
            const bool affordable = (total() + 1) * kCaptureBytes <= all / 2;
            if (affordable && total() < kMostCaptures / kPerPart) parts.push_back(caves[i].start + at);
        }
    }
    while (!parts.empty() && (total() & (total() - 1)) != 0) parts.pop_back();
    return parts;
}

}  // namespace

BlockPlan plan_block(const std::vector<Cave>& caves, bool for_captures) {
    std::uint64_t room = caves.front().bytes - sizeof(StubDataHeader);
    std::uint64_t all = room;
    for (std::size_t i = 1; i < caves.size(); ++i) all += caves[i].bytes;
    std::uint32_t captures = choose_captures(all, room, for_captures);
    std::vector<RemoteAddr> parts;
    if (for_captures) {
        // What is less than a part is not worth to begin with.
        const std::uint32_t whole = captures >= arch::CaptureLayout::kPerPart ? captures : 0;
        parts = choose_parts(caves, all, whole);
        if (!parts.empty()) captures = whole;
    }
    room -= captures * sizeof(RawCapture);
    StubPieces others;
    for (std::size_t i = 1; i < caves.size(); ++i) {
        const auto in_cave = std::ranges::count_if(parts, [&](RemoteAddr part) {
            return caves[i].start <= part && part < caves[i].start + caves[i].bytes;
        });
        const std::uint64_t start = static_cast<std::uint64_t>(in_cave) * kCaptureBytes;
        for (std::uint64_t at = start; at + kPieceBytes <= caves[i].bytes; at += kPieceBytes) {
            const bool fits = (others.size() + 2) * kEntry + kPieceBytes <= room;
            if (fits && others.size() + 1 < kMostPieces) others.push_back(caves[i].start + at);
        }
    }
    const std::size_t first = std::min<std::size_t>((room - others.size() * kEntry) / (kPieceBytes + kEntry),
                                                    kMostPieces - others.size());
    const std::size_t count = first + others.size();
    BlockPlan plan{
        .head_bytes = stub_head_bytes(count, captures),
        .captures = captures + static_cast<std::uint32_t>(parts.size()) * arch::CaptureLayout::kPerPart,
        .captures_at = stub_head_bytes(count, 0),
        .parts = parts,
        .first_bytes = 0,
        .pieces = {}};
    for (std::size_t i = 0; i < first; ++i) {
        plan.pieces.push_back(caves.front().start + plan.head_bytes + i * kPieceBytes);
    }
    plan.first_bytes = plan.head_bytes + first * kPieceBytes;
    plan.pieces.insert(plan.pieces.end(), others.begin(), others.end());
    return plan;
}

StubRing make_ring(const BlockPlan& plan, RemoteAddr data) {
    StubRing ring;
    ring.room = plan.captures;
    const std::size_t own = plan.captures / arch::CaptureLayout::kPerPart - plan.parts.size();
    std::size_t next = 0;
    // One that is no whole part is alone.
    while (next < own || (next == 0 && plan.parts.empty())) {
        ring.parts.at(next) = data + plan.captures_at + next * kCaptureBytes;
        ++next;
    }
    for (const RemoteAddr part : plan.parts) ring.parts.at(next++) = part;
    return ring;
}

}  // namespace corotrace
