// SPDX-License-Identifier: MIT
#include "cpython_layouts/block_owners.hpp"

#include <algorithm>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/dict.hpp"
#include "cpython_layouts/heap_scan.hpp"
#include "cpython_layouts/objects.hpp"
#include "cpython_layouts/runtime.hpp"
#include "symbols/page_cache.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMaxDequeBlocks = 1U << 20U;
// A class shares the names of at most so many attributes.
// Source: CPython Include/internal/pycore_dict.h SHARED_KEYS_MAX_SIZE.
constexpr std::uint64_t kMaxSharedNames = 30;
constexpr std::size_t kMaxCandidates = 1U << 21U;

}  // namespace

// Goes through memory once and keeps, for the first place behind each block, the closest block.
class OwnerScan {
public:
    OwnerScan(const RemoteMemory& memory, const Layout& layout, const ContainerTypes& types,
              BlockOwners& owners)
        : memory_(memory), cached_(memory), layout_(layout), types_(types), owners_(owners) {}

    Status run(std::span<const AddressSpan> spans, ScanThreads threads) {
        std::vector<RemoteAddr> targets;
        for (const auto& [type, kind] : types_) targets.push_back(type);
        add_candidates(targets);
        const auto visit = [&](RemoteAddr place, std::uint64_t word) {
            const auto type = types_.find({word});
            if (type == types_.end()) {
                look_at_instance(place, word);
            } else {
                look_at(place - static_cast<std::uint64_t>(layout_.object.type), type->second);
            }
            return true;
        };
        const auto done = scan_words(memory_, spans, std::move(targets), visit, threads);
        if (!done) return done.error();
        // The closest block below one place is also that of the places behind it, up to the next block.
        BlockOwner last;
        for (BlockOwner& owner : owners_.closest_) {
            if (owner.start.is_null()) owner = last;
            last = owner;
        }
        return {};
    }

private:
    [[nodiscard]] bool keeps_values_apart() const {
        return layout_.attributes_rule == AttributesRule::kTwoWords ||
               layout_.attributes_rule == AttributesRule::kTaggedWord;
    }
    [[nodiscard]] std::uint64_t tag() const {
        return layout_.attributes_rule == AttributesRule::kTaggedWord ? 1 : 0;
    }

    // What an instance without a dict holds, if it keeps its attributes at one of the places: the address of
    // its first attribute. Source: CPython 3.11 and 3.12 Include/internal/pycore_object.h.
    void add_candidates(std::vector<RemoteAddr>& targets) const {
        if (!keeps_values_apart() || owners_.places_.size() * kMaxSharedNames > kMaxCandidates) return;
        for (const RemoteAddr place : owners_.places_) {
            for (std::uint64_t i = 0; i < kMaxSharedNames; ++i) {
                targets.push_back({place.value - i * kWord - tag()});
            }
        }
    }

    void look_at_instance(RemoteAddr place, std::uint64_t word) {
        const std::uint64_t before = static_cast<std::uint64_t>(-layout_.managed_dict) +
                                     (layout_.attributes_rule == AttributesRule::kTwoWords ? kWord : 0);
        const RemoteAddr object = place + before;
        const RemoteAddr values{word + tag()};
        const auto next = std::ranges::lower_bound(owners_.places_, values);
        if (next == owners_.places_.end() || !is_alive(cached_, layout_, object)) return;
        if (find_attribute_name_at(cached_, layout_, object, *next)) {
            offer(values, object, OwnerKind::kInstance, 0);
        }
    }

    void look_at(RemoteAddr object, OwnerKind kind) {
        switch (kind) {
            case OwnerKind::kList:
                offer_pointer(at(object, layout_.list.items), object, kind);
                return;
            case OwnerKind::kTuple:
                offer(object, object, kind, 0);
                return;
            case OwnerKind::kDict:
                if (const auto blocks = read_dict_blocks(cached_, layout_, object)) {
                    offer(blocks->keys, object, kind, 0);
                    offer(blocks->values, object, kind, 0);
                }
                return;
            case OwnerKind::kSet:
                // Behind fill, used and mask. Source: CPython Include/cpython/setobject.h PySetObject.
                offer_pointer(at(object, layout_.object.size) + 3 * kWord, object, kind);
                return;
            case OwnerKind::kDeque:
                look_at_deque(object);
                return;
            case OwnerKind::kInstance:
                return;
        }
    }

    // leftblock, rightblock behind the size. Source: CPython Modules/_collectionsmodule.c dequeobject.
    void look_at_deque(RemoteAddr object) {
        const RemoteAddr left = at(object, layout_.object.size) + kWord;
        auto block = cached_.read_pointer(left);
        const auto last = cached_.read_pointer(left + kWord);
        for (std::uint64_t i = 0; block && last && !block->is_null() && i < kMaxDequeBlocks; ++i) {
            offer(*block, object, OwnerKind::kDeque, i);
            if (*block == *last) return;
            block = memory_.read_pointer(*block + (kDequeBlockItems + 1) * kWord);
        }
    }

    void offer_pointer(RemoteAddr field, RemoteAddr object, OwnerKind kind) {
        if (const auto start = cached_.read_pointer(field)) offer(*start, object, kind, 0);
    }

    void offer(RemoteAddr start, RemoteAddr object, OwnerKind kind, std::uint64_t ordinal) {
        const auto next = std::ranges::lower_bound(owners_.places_, start);
        if (start.is_null() || next == owners_.places_.end()) return;
        BlockOwner& closest = owners_.closest_[static_cast<std::size_t>(next - owners_.places_.begin())];
        if (closest.start >= start || !is_alive(cached_, layout_, object)) return;
        closest = {.start = start, .object = object, .kind = kind, .ordinal = ordinal};
    }

    const RemoteMemory& memory_;
    PageCache cached_;  // headers lie where the scan just was
    const Layout& layout_;
    const ContainerTypes& types_;
    BlockOwners& owners_;
};

ContainerTypes find_container_types(const RemoteMemory& memory, const PythonProcess& python) {
    ContainerTypes types;
    for (const auto& [symbol, name, kind] :
         {std::tuple("PyList_Type", "list", OwnerKind::kList),
          std::tuple("PyTuple_Type", "tuple", OwnerKind::kTuple),
          std::tuple("PyDict_Type", "dict", OwnerKind::kDict),
          std::tuple("PySet_Type", "set", OwnerKind::kSet),
          std::tuple("PyFrozenSet_Type", "frozenset", OwnerKind::kSet),
          std::tuple("PyODict_Type", "collections.OrderedDict", OwnerKind::kDict)}) {
        const auto found = python.module->find_symbol(symbol);
        if (!found) continue;
        const auto type_name = read_type_name(memory, *python.layout, found->address);
        if (type_name && *type_name == name) types.emplace(found->address, kind);
    }
    const auto interpreters = read_interpreters(memory, *python.layout, python.runtime);
    if (!interpreters) return types;
    for (const Interpreter& interpreter : *interpreters) {
        for (const auto& [name, kind] :
             {std::pair("deque", OwnerKind::kDeque), std::pair("defaultdict", OwnerKind::kDict)}) {
            const auto type =
                find_module_attribute(memory, *python.layout, interpreter.address, "_collections", name);
            if (type) types.emplace(*type, kind);
        }
    }
    return types;
}

Result<BlockOwners> BlockOwners::find(const RemoteMemory& memory, const PythonProcess& python,
                                      std::span<const AddressSpan> spans, const ContainerTypes& types,
                                      std::vector<RemoteAddr> places, ScanThreads threads) {
    BlockOwners owners;
    std::ranges::sort(places);
    places.erase(std::unique(places.begin(), places.end()), places.end());
    owners.places_ = std::move(places);
    owners.closest_.resize(owners.places_.size());
    OwnerScan scan(memory, *python.layout, types, owners);
    if (auto done = scan.run(spans, threads); !done) return done.error();
    return owners;
}

const BlockOwner* BlockOwners::find_owner(RemoteAddr place) const {
    const auto found = std::ranges::lower_bound(places_, place);
    if (found == places_.end() || *found != place) return nullptr;
    const BlockOwner& owner = closest_[static_cast<std::size_t>(found - places_.begin())];
    return owner.start.is_null() ? nullptr : &owner;
}

}  // namespace corotrace
