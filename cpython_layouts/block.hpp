// SPDX-License-Identifier: MIT
// Block: the stretch of one object that holds certain fields, copied with one read, and plain values out of
// it. For the files of this room only.
#pragma once

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <initializer_list>
#include <string>
#include <vector>

#include "symbols/address.hpp"
#include "symbols/bytes.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

[[nodiscard]] inline std::string to_hex(RemoteAddr address) {
    char text[2 + 16 + 1];
    std::snprintf(text, sizeof text, "0x%" PRIx64, address.value);
    return text;
}

// Where a field of `object` is.
[[nodiscard]] constexpr RemoteAddr at(RemoteAddr object, Offset field) {
    return object + static_cast<std::uint64_t>(static_cast<std::int64_t>(field));
}

class Block {
public:
    // One read from the lowest to 8 bytes behind the highest of `fields`; absent ones are left out.
    // `what` names the object in the error: "thread state", with the address added.
    [[nodiscard]] static Result<Block> read(const RemoteMemory& memory, RemoteAddr object,
                                            std::initializer_list<Offset> fields, const char* what) {
        Offset low = 0;
        Offset high = kAbsent;
        for (const Offset field : fields) {
            if (field == kAbsent) continue;
            low = high == kAbsent ? field : std::min(low, field);
            high = std::max(high, field);
        }
        if (high == kAbsent || low < 0 || high - low > kMaxSpan) {
            return Error{Errc::internal, 0, std::string("fields of ") + what + " out of bounds"};
        }
        Block block(low, static_cast<std::size_t>(high - low) + sizeof(std::uint64_t));
        if (auto done = memory.read(at(object, low), block.bytes_); !done) {
            return std::move(done).error().in(std::string(what) + ' ' + to_hex(object));
        }
        return block;
    }

    // The T at a field that was among `fields`; 0 for any other, which no caller asks for.
    template <typename T>
    [[nodiscard]] T as(Offset field) const {
        if (field < base_) return T{};
        return load<T>(bytes_, static_cast<std::size_t>(field - base_)).value_or(T{});
    }
    [[nodiscard]] RemoteAddr pointer(Offset field) const { return {as<std::uint64_t>(field)}; }

private:
    static constexpr Offset kMaxSpan = 1 << 16;

    Block(Offset base, std::size_t size) : base_(base), bytes_(size) {}
    Offset base_;
    std::vector<std::byte> bytes_;
};

}  // namespace corotrace
