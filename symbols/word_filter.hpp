// SPDX-License-Identifier: MIT
// WordFilter: tells quickly of memory that is looked through which words cannot be any of a set, a block at
// a time and without a branch inside, so that the compiler can do several words at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "symbols/address.hpp"

namespace corotrace {

class WordFilter {
public:
    static constexpr std::size_t kBlockWords = 16;
    // Words by halves, in the order of memory: comparing four of these at once needs no more than what each
    // x86-64 and aarch64 has.
    using Block = std::span<const std::uint32_t, 2 * kBlockWords>;

    explicit WordFilter(std::span<const RemoteAddr> targets);

    // False: none of its words is a target. True: one may be. Cost: 128 bytes at 5 GB/s and more, however
    // many targets there are.
    [[nodiscard]] bool may_hold(Block block) const {
        return windows_.size() <= kMaxWindows ? is_in_window(block) : has_bit(block);
    }
    // The same of one word.
    [[nodiscard]] bool may_be(std::uint64_t word) const {
        return word - low_ <= width_ && (bit_of(word) & 1U) != 0;
    }

private:
    static constexpr std::size_t kMaxWindows = 4;  // more of them are slower than bits
    static constexpr std::uint32_t kWindow = ~std::uint32_t{0xfff};

    [[nodiscard]] bool is_in_window(Block block) const;
    [[nodiscard]] bool has_bit(Block block) const;
    [[nodiscard]] std::uint64_t bit_of(std::uint64_t word) const {
        const std::uint64_t index = word / sizeof(std::uint64_t) & mask_;
        return bits_[index / 64] >> index % 64;
    }

    std::uint64_t low_ = 0;    // of all targets
    std::uint64_t width_ = 0;  // to the highest
    std::uint64_t mask_ = 0;
    std::vector<std::uint64_t> bits_;     // by the lowest bits of a word
    std::vector<std::uint32_t> windows_;  // the lower halves of all targets, without their lowest bits
};

}  // namespace corotrace
