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
inline constexpr std::size_t kMostPieces = 64;

struct BlockPlan {
    std::size_t head_bytes = 0;     // header and directory
    std::uint64_t first_bytes = 0;  // in the first cave: the head and the pieces that follow it
    StubPieces pieces;
};

// As many pieces as fit. `caves`: the block's first, large enough for the head and a piece.
[[nodiscard]] BlockPlan plan_block(const std::vector<Cave>& caves);

}  // namespace corotrace
