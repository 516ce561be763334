// SPDX-License-Identifier: MIT
// load<T>: a bounds-checked, alignment-free read of a plain value out of bytes that came from the target.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>

namespace corotrace {

using ByteView = std::span<const std::byte>;

// The T at `at`, or nothing if it does not lie wholly inside.
template <typename T>
requires std::is_trivially_copyable_v<T>
[[nodiscard]] std::optional<T> load(ByteView bytes, std::size_t at) {
    if (at > bytes.size() || bytes.size() - at < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof(T));
    return value;
}

}  // namespace corotrace
