// SPDX-License-Identifier: MIT
// RemoteMemory: the one seam through which everything above `symbols` reads a target. A live process,
// a recorded image and a core file look the same. Reading never needs the target stopped, but what is
// read from a running target may change under the reader.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <type_traits>

#include "symbols/address.hpp"
#include "symbols/result.hpp"

namespace corotrace {

class RemoteMemory {
public:
    RemoteMemory() = default;
    RemoteMemory(const RemoteMemory&) = delete;
    RemoteMemory& operator=(const RemoteMemory&) = delete;
    virtual ~RemoteMemory() = default;

    // Fills all of `into` from `from` or fails; a part read is a failure.
    // Errors: unreadable (not mapped), gone (the process ended), denied.
    [[nodiscard]] virtual Status read(RemoteAddr from, std::span<std::byte> into) const = 0;

    // One plain value. Cost and errors as read().
    template <typename T>
    requires std::is_trivially_copyable_v<T>
    [[nodiscard]] Result<T> read_as(RemoteAddr from) const {
        T value;
        if (auto done = read(from, std::as_writable_bytes(std::span(&value, 1))); !done) return done.error();
        return value;
    }

    [[nodiscard]] Result<RemoteAddr> read_pointer(RemoteAddr from) const {
        CT_TRY(auto value, read_as<std::uint64_t>(from));
        return RemoteAddr{value};
    }
};

}  // namespace corotrace
