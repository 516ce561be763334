// SPDX-License-Identifier: MIT
#include "tracer/probes/block_plan.hpp"

#include <algorithm>

namespace corotrace {

BlockPlan plan_block(const std::vector<Cave>& caves) {
    const std::uint64_t room = caves.front().bytes - sizeof(StubDataHeader);
    constexpr std::size_t kEntry = sizeof(std::uint64_t);
    StubPieces others;
    for (std::size_t i = 1; i < caves.size(); ++i) {
        for (std::uint64_t at = 0; at + kPieceBytes <= caves[i].bytes; at += kPieceBytes) {
            const bool fits = (others.size() + 2) * kEntry + kPieceBytes <= room;
            if (fits && others.size() + 1 < kMostPieces) others.push_back(caves[i].start + at);
        }
    }
    const std::size_t first = std::min<std::size_t>((room - others.size() * kEntry) / (kPieceBytes + kEntry),
                                                    kMostPieces - others.size());
    BlockPlan plan{.head_bytes = stub_head_bytes(first + others.size()), .first_bytes = 0, .pieces = {}};
    for (std::size_t i = 0; i < first; ++i) {
        plan.pieces.push_back(caves.front().start + plan.head_bytes + i * kPieceBytes);
    }
    plan.first_bytes = plan.head_bytes + first * kPieceBytes;
    plan.pieces.insert(plan.pieces.end(), others.begin(), others.end());
    return plan;
}

}  // namespace corotrace
