// SPDX-License-Identifier: MIT
#include "symbols/word_filter.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace corotrace {

namespace {

// So many bits that few other words share one with a target: a thousand a target, as long as all stay in the
// second cache, and fewer where there are many; at least what stays in the first.
constexpr std::uint64_t kMinBits = std::uint64_t{1} << 16;
constexpr std::uint64_t kManyBits = std::uint64_t{1} << 20;
constexpr std::uint64_t kMaxBits = std::uint64_t{1} << 23;

std::uint64_t choose_bits(std::size_t targets) {
    const std::uint64_t few = std::clamp(std::bit_ceil(targets * std::uint64_t{1024}), kMinBits, kManyBits);
    return std::max(few, std::min(std::bit_ceil(targets * std::uint64_t{64}), kMaxBits));
}

// Vectors as gcc and clang have them for every processor: left to themselves, they turn the same loop over
// single words into code that is two to ten times slower, each version another one.
using FourHalves = std::uint32_t __attribute__((vector_size(16)));
using TwoWords = std::uint64_t __attribute__((vector_size(16)));

FourHalves load(const std::uint32_t* from) {
    FourHalves halves;
    std::memcpy(&halves, from, sizeof halves);
    return halves;
}

// Whether one of the words of a block has one of the lower halves `sought`.
template <std::size_t... kIndex>
bool has_half(const std::uint32_t* block, const FourHalves* sought, std::index_sequence<kIndex...>) {
    FourHalves any{};
    for (std::size_t i = 0; i < WordFilter::kBlockHalves; i += 8) {
        const FourHalves lower = __builtin_shufflevector(load(block + i), load(block + i + 4), 0, 2, 4, 6);
        ((any |= reinterpret_cast<FourHalves>(lower == sought[kIndex])), ...);
    }
    const auto words = reinterpret_cast<TwoWords>(any);
    return (words[0] | words[1]) != 0;
}

}  // namespace

WordFilter::WordFilter(std::span<const RemoteAddr> targets) {
    const std::uint64_t bits = choose_bits(targets.size());
    bits_.resize(bits / 64);
    mask_ = bits - 1;
    if (targets.empty()) return;
    low_ = std::ranges::min(targets).value;
    width_ = std::ranges::max(targets).value - low_;
    for (const RemoteAddr target : targets) {
        const std::uint64_t index = target.value / sizeof(std::uint64_t) & mask_;
        bits_[index / 64] |= std::uint64_t{1} << index % 64;
    }
    if (targets.size() > kMaxExact) return;
    std::ranges::transform(targets, halves_.begin(),
                           [](RemoteAddr target) { return static_cast<std::uint32_t>(target.value); });
    find_ = choose(targets.size());
}

WordFilter::Find WordFilter::choose(std::size_t exact) {
    constexpr auto kFinds = []<std::size_t... kLess>(std::index_sequence<kLess...>) {
        return std::array<Find, kMaxExact>{find_exact<kLess + 1>...};
    }
    (std::make_index_sequence<kMaxExact>());
    return kFinds.at(exact - 1);
}

// The upper halves are not compared: who is let through is examined closely.
template <std::size_t kCount>
std::size_t WordFilter::find_exact(const WordFilter& filter, Halves halves, std::size_t from) {
    std::array<FourHalves, kCount> sought{};
    for (std::size_t i = 0; i < kCount; ++i) sought[i] += filter.halves_[i];
    for (; from + kBlockHalves <= halves.size(); from += kBlockHalves) {
        if (has_half(&halves[from], sought.data(), std::make_index_sequence<kCount>())) break;
    }
    return from;
}

std::size_t WordFilter::find_bits(const WordFilter& filter, Halves halves, std::size_t from) {
    for (; from + kBlockHalves <= halves.size(); from += kBlockHalves) {
        if (filter.has_bit(halves.subspan(from).first<kBlockHalves>())) break;
    }
    return from;
}

bool WordFilter::has_bit(std::span<const std::uint32_t, kBlockHalves> block) const {
    std::array<std::uint64_t, kBlockWords> words;
    std::memcpy(words.data(), block.data(), sizeof words);
    std::uint64_t any = 0;
    for (const std::uint64_t word : words) any |= bit_of(word);
    return (any & 1U) != 0;
}

}  // namespace corotrace
