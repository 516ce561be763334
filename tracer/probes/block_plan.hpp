// SPDX-License-Identifier: MIT
// BlockPlan: how the stub's data block and the pieces of its table are laid into caves. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tracer/probes/code_cave.hpp"
#include "tracer/probes/stub_data.hpp"

namespace corotrace {

// Bounds what the directory takes, and what one read of the table costs.
inline constexpr std::size_t kMostPieces = 96;

struct BlockPlan {
    std::size_t head_bytes = 0;     // header, ring and directory
    std::uint32_t captures = 0;     // in the ring, whose first parts follow the directory
    std::uint64_t captures_at = 0;  // from the block's start
    std::vector<RemoteAddr> parts;  // further ones of the ring
    std::uint64_t first_bytes = 0;  // in the first cave: the head and the pieces that follow it
    StubPieces pieces;
};

// As many pieces as fit beside the ring of captures, which gets a twelfth of the room, but four at least, or
// half of it where places are captured and not stopped at, `for_captures`. `caves`: the block's first, large
// enough for the head and a piece.
[[nodiscard]] BlockPlan plan_block(const std::vector<Cave>& caves, bool for_captures);

// Where the ring of a block at `data` lies.
[[nodiscard]] StubRing make_ring(const BlockPlan& plan, RemoteAddr data);

}  // namespace corotrace
