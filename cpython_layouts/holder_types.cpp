// SPDX-License-Identifier: MIT
#include "cpython_layouts/holder_types.hpp"

#include <utility>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/limits.hpp"
#include "cpython_layouts/objects.hpp"

namespace corotrace {

namespace {

constexpr std::uint64_t kLowestObject = 8192;  // no program has an object there

}  // namespace

const HolderTypes::Type* HolderTypes::find(RemoteAddr address) {
    if (address.value % kWord != 0 || address.value < kLowestObject) return nullptr;
    auto known = types_.find(address);
    if (known == types_.end()) {
        if (types_.size() >= kMaxHolderTypes) types_.clear();
        known = types_.emplace(address, read(address)).first;
    }
    return known->second ? &*known->second : nullptr;
}

std::optional<HolderTypes::Type> HolderTypes::read(RemoteAddr address) const {
    const auto of_type = read_type_flags(memory_, layout_, address);
    if (!of_type || (*of_type & kTypeFlagType) == 0) return std::nullopt;
    const TypeLayout& fields = layout_.type;
    const auto block =
        Block::read(memory_, address, {fields.basicsize, fields.flags, fields.dict_offset}, "type");
    auto name = read_type_name(memory_, layout_, address);
    if (!block || !name || (block->as<std::uint64_t>(fields.flags) & kTypeFlagReady) == 0)
        return std::nullopt;
    return Type{.address = address,
                .flags = block->as<std::uint64_t>(fields.flags),
                .basic_bytes = block->as<std::uint64_t>(fields.basicsize),
                // tp_itemsize follows. Source: CPython Include/cpython/object.h, every version.
                .item_bytes = block->as<std::uint64_t>(fields.basicsize + static_cast<Offset>(kWord)),
                .dict_offset = block->as<std::int64_t>(fields.dict_offset),
                .name = std::move(*name)};
}

}  // namespace corotrace
