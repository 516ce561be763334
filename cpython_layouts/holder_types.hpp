// SPDX-License-Identifier: MIT
// HolderTypes: what is known of types while holders are sought. Any word may be asked about, for where an
// object begins is not known: what is no type is remembered as that. Of so many words that a program could
// fill our memory with them, so it is bounded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "cpython_layouts/layout.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

class HolderTypes {
public:
    struct Type {
        RemoteAddr address;
        std::uint64_t flags = 0;
        std::uint64_t basic_bytes = 0;
        std::uint64_t item_bytes = 0;
        std::int64_t dict_offset = 0;
        std::string name;
    };

    // `memory` and `layout` must outlive it.
    HolderTypes(const RemoteMemory& memory, const Layout& layout) : memory_(memory), layout_(layout) {}

    // Nullptr: no type that is ready is there. Valid until the next call. Cost: 1 to 4 reads, once.
    [[nodiscard]] const Type* find(RemoteAddr address);
    // At most kMaxHolderTypes.
    [[nodiscard]] std::size_t size() const { return types_.size(); }

private:
    [[nodiscard]] std::optional<Type> read(RemoteAddr address) const;

    const RemoteMemory& memory_;
    const Layout& layout_;
    std::unordered_map<RemoteAddr, std::optional<Type>> types_;
};

}  // namespace corotrace
