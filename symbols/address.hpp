// SPDX-License-Identifier: MIT
// RemoteAddr: an address in the target, never to be dereferenced here. A type of its own, so that it
// cannot be mixed up with a local pointer or with an Offset (bytes inside a structure).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace corotrace {

// Byte offset inside a structure of the target. kAbsent: this build has no such field.
using Offset = std::int32_t;
inline constexpr Offset kAbsent = -1;

// Bytes of a pointer of the target.
inline constexpr std::uint64_t kWord = sizeof(std::uint64_t);

struct RemoteAddr {
    std::uint64_t value = 0;

    // NOLINTNEXTLINE(modernize-use-nullptr): version 14 misreads a defaulted <=>
    constexpr auto operator<=>(const RemoteAddr&) const = default;
    [[nodiscard]] constexpr bool is_null() const { return value == 0; }
    // Wraps around like the target's own arithmetic would: a hostile value gives an unreadable address.
    [[nodiscard]] constexpr RemoteAddr operator+(std::uint64_t bytes) const { return {value + bytes}; }
    [[nodiscard]] constexpr RemoteAddr operator-(std::uint64_t bytes) const { return {value - bytes}; }
};

}  // namespace corotrace

template <>
struct std::hash<corotrace::RemoteAddr> {
    std::size_t operator()(corotrace::RemoteAddr address) const noexcept {
        return std::hash<std::uint64_t>{}(address.value);
    }
};
