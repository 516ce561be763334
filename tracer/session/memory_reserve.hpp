// SPDX-License-Identifier: MIT
// MemoryReserve: memory kept aside, so that everything can be put back in order once no more is to be had,
// also if what is left for it fails in its turn.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace corotrace {

class MemoryReserve {
public:
    // Takes the reserve from the heap of the calling thread, in pieces that stay in that heap when released.
    void fill() {
        pieces_.clear();
        for (std::size_t i = 0; i < kPieces; ++i) {
            pieces_.push_back(std::make_unique_for_overwrite<std::byte[]>(kPieceBytes));
        }
    }
    // Half of what is left.
    void release() noexcept { pieces_.resize(pieces_.size() / 2); }

private:
    static constexpr std::size_t kPieces = 64;
    static constexpr std::size_t kPieceBytes = 64U << 10U;  // below what malloc(3) maps by itself

    std::vector<std::unique_ptr<std::byte[]>> pieces_;
};

}  // namespace corotrace
