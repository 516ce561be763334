// SPDX-License-Identifier: MIT
// WordFilter: tells quickly of memory that is looked through which words cannot be any of a set, a block at
// a time and without a branch inside, several words at once.
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
    using Halves = std::span<const std::uint32_t>;
    static constexpr std::size_t kBlockHalves = 2 * kBlockWords;

    explicit WordFilter(std::span<const RemoteAddr> targets);

    // The first block of which a word may be a target, from `from` on: where it begins. None: where the last
    // whole block ends. Cost: memory at 10 to 70 GB/s for up to kMaxExact targets, then at 8 to 12 GB/s.
    [[nodiscard]] std::size_t find_block(Halves halves, std::size_t from) const {
        return find_(*this, halves, from);
    }
    // The same of one word.
    [[nodiscard]] bool may_be(std::uint64_t word) const {
        return word - low_ <= width_ && (bit_of(word) & 1U) != 0;
    }

    static constexpr std::size_t kMaxExact = 16;  // more of them are slower than bits

private:
    using Find = std::size_t (*)(const WordFilter& filter, Halves halves, std::size_t from);

    template <std::size_t kCount>
    static std::size_t find_exact(const WordFilter& filter, Halves halves, std::size_t from);
    static std::size_t find_bits(const WordFilter& filter, Halves halves, std::size_t from);
    static Find choose(std::size_t exact);

    [[nodiscard]] bool has_bit(std::span<const std::uint32_t, kBlockHalves> block) const;
    [[nodiscard]] std::uint64_t bit_of(std::uint64_t word) const {
        const std::uint64_t index = word / sizeof(std::uint64_t) & mask_;
        return bits_[index / 64] >> index % 64;
    }

    std::uint64_t low_ = 0;    // of all targets
    std::uint64_t width_ = 0;  // to the highest
    std::uint64_t mask_ = 0;
    std::vector<std::uint64_t> bits_;                // by the lowest bits of a word
    std::array<std::uint32_t, kMaxExact> halves_{};  // the lower halves of the targets, if they are few
    Find find_ = find_bits;
};

}  // namespace corotrace
