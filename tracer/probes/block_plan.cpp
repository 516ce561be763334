// SPDX-License-Identifier: MIT
#include "tracer/probes/block_plan.hpp"

#include <algorithm>

namespace corotrace {

namespace {

constexpr std::size_t kEntry = sizeof(std::uint64_t);

// The ring lies in the first cave. A power of two, or 0.
std::uint32_t choose_captures(const std::vector<Cave>& caves, std::uint64_t room, bool for_captures) {
    std::uint64_t all = room;
    for (std::size_t i = 1; i < caves.size(); ++i) all += caves[i].bytes;
    const std::uint64_t share = all / (for_captures ? 2 : 12);
    std::uint32_t captures = kMostCaptures;
    const auto fits = [&] {
        const std::uint64_t bytes = captures * sizeof(RawCapture);
        return bytes <= share && bytes + kMostPieces * kEntry + kPieceBytes <= room;
    };
    while (captures > 0 && !fits()) captures /= 2;
    return captures;
}

}  // namespace

BlockPlan plan_block(const std::vector<Cave>& caves, bool for_captures) {
    std::uint64_t room = caves.front().bytes - sizeof(StubDataHeader);
    const std::uint32_t captures = choose_captures(caves, room, for_captures);
    room -= captures * sizeof(RawCapture);
    StubPieces others;
    for (std::size_t i = 1; i < caves.size(); ++i) {
        for (std::uint64_t at = 0; at + kPieceBytes <= caves[i].bytes; at += kPieceBytes) {
            const bool fits = (others.size() + 2) * kEntry + kPieceBytes <= room;
            if (fits && others.size() + 1 < kMostPieces) others.push_back(caves[i].start + at);
        }
    }
    const std::size_t first = std::min<std::size_t>((room - others.size() * kEntry) / (kPieceBytes + kEntry),
                                                    kMostPieces - others.size());
    const std::size_t count = first + others.size();
    BlockPlan plan{.head_bytes = stub_head_bytes(count, captures),
                   .captures = captures,
                   .captures_at = stub_head_bytes(count, 0),
                   .first_bytes = 0,
                   .pieces = {}};
    for (std::size_t i = 0; i < first; ++i) {
        plan.pieces.push_back(caves.front().start + plan.head_bytes + i * kPieceBytes);
    }
    plan.first_bytes = plan.head_bytes + first * kPieceBytes;
    plan.pieces.insert(plan.pieces.end(), others.begin(), others.end());
    return plan;
}

}  // namespace corotrace
