// SPDX-License-Identifier: MIT
#include "symbols/word_filter.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace corotrace {

namespace {

// So many bits a target that few other words share one; at least what stays in the first cache, at most what
// stays in the second.
constexpr std::uint64_t kBitsPerTarget = 64;
constexpr std::uint64_t kMinBits = std::uint64_t{1} << 16;
constexpr std::uint64_t kMaxBits = std::uint64_t{1} << 23;

}  // namespace

WordFilter::WordFilter(std::span<const RemoteAddr> targets) {
    const std::uint64_t bits = std::clamp(std::bit_ceil(targets.size() * kBitsPerTarget), kMinBits, kMaxBits);
    bits_.resize(bits / 64);
    mask_ = bits - 1;
    if (targets.empty()) return;
    low_ = std::ranges::min(targets).value;
    width_ = std::ranges::max(targets).value - low_;
    for (const RemoteAddr target : targets) {
        const std::uint64_t index = target.value / sizeof(std::uint64_t) & mask_;
        bits_[index / 64] |= std::uint64_t{1} << index % 64;
        if (windows_.size() > kMaxWindows) continue;
        const auto window = static_cast<std::uint32_t>(target.value) & kWindow;
        if (std::ranges::find(windows_, window) == windows_.end()) windows_.push_back(window);
    }
}

// The upper halves are compared too, which does no harm: who is let through is examined closely.
bool WordFilter::is_in_window(Block block) const {
    std::uint32_t found = 0;
    for (const std::uint32_t window : windows_) {
        std::uint32_t any = 0;
        for (const std::uint32_t half : block) any |= static_cast<std::uint32_t>((half & kWindow) == window);
        found |= any;
    }
    return found != 0;
}

bool WordFilter::has_bit(Block block) const {
    std::array<std::uint64_t, kBlockWords> words;
    std::memcpy(words.data(), block.data(), sizeof words);
    std::uint64_t any = 0;
    for (const std::uint64_t word : words) {
        any |= bit_of(word) & static_cast<std::uint64_t>(word - low_ <= width_);
    }
    return (any & 1U) != 0;
}

}  // namespace corotrace
