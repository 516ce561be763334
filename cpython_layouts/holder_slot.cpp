// SPDX-License-Identifier: MIT
#include "cpython_layouts/holder_slot.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/coroutine.hpp"
#include "cpython_layouts/dict.hpp"
#include "cpython_layouts/heap_scan.hpp"
#include "cpython_layouts/objects.hpp"
#include "cpython_layouts/runtime.hpp"

namespace corotrace {

namespace {

constexpr std::uint64_t kMaxInside = 8192;        // looked back for the object around a word
constexpr std::uint64_t kManagedDict = 1U << 4U;  // Py_TPFLAGS_MANAGED_DICT. Source: CPython Include/object.h
constexpr std::uint64_t kInlineValues = 1U << 2U;  // Py_TPFLAGS_INLINE_VALUES
constexpr std::uint64_t kMaxValuesBytes = 32 * kWord;
constexpr int kMaxMembers = 256;
constexpr int kMaxBases = 32;

bool is_static(std::uint64_t flags) {
    return (flags & kTypeFlagHeap) == 0;
}

bool has_frame(std::string_view type) {
    return type == "coroutine" || type == "generator" || type == "async_generator";
}

}  // namespace

HolderSlotReader::HolderSlotReader(const RemoteMemory& memory, const PythonProcess& python, CodeCache& codes,
                                   std::optional<PreviewCaps> values)
    : memory_(memory),
      python_(python),
      layout_(*python.layout),
      codes_(codes),
      values_(std::move(values)),
      types_(memory, *python.layout) {
    const auto interpreters = read_interpreters(memory_, layout_, python_.runtime);
    if (interpreters) {
        for (const Interpreter& interpreter : *interpreters) {
            const auto modules = read_modules(memory_, layout_, interpreter.address);
            if (!modules) continue;
            for (const NamedModule& module : *modules) modules_.try_emplace(module.dict, module.name);
        }
    }
    find_running_frames();
}

void HolderSlotReader::find_running_frames() {
    running_.clear();
    const auto threads = read_thread_states(memory_, layout_, python_.runtime);
    if (!threads) return;
    const bool objects = layout_.frame_rule == FrameRule::kFrameObjects;
    const Offset first = objects ? layout_.frame_object.locals : layout_.interpreter_frame.locals;
    for (const ThreadState& thread : *threads) {
        auto stack = copy_stack(memory_, layout_, codes_, thread);
        if (!stack) continue;
        for (RawFrame& frame : stack->frames) {
            auto bytecode = bytecodes_.find_or_read(memory_, layout_, frame.code);
            if (!bytecode) continue;
            const RemoteAddr start = at(frame.address, first);
            const RemoteAddr end = start + (*bytecode)->variables.size() * kWord;
            running_.insert_or_assign(start, RunningFrame{end, std::move(frame), std::move(*bytecode)});
        }
    }
}

bool HolderSlotReader::is_running(RemoteAddr frame) const {
    return std::ranges::any_of(running_,
                               [&](const auto& entry) { return entry.second.frame.address == frame; });
}

std::optional<HolderSlot> HolderSlotReader::read(RemoteAddr place, std::uint64_t word,
                                                 const BlockOwners& owners) {
    auto slot = read_running(place);
    const BlockOwner* owner = slot ? nullptr : owners.find_owner(place);
    if (owner != nullptr) slot = read_owned(place, *owner);
    if (!slot) slot = read_managed_dict(place);
    if (!slot) slot = read_inside(place);
    if (!slot) return slot;
    // Only frames hold references with tags.
    if ((word & layout_.stackref_mask) != 0 && !slot->frame) return std::nullopt;
    slot->place = place;
    find_root(*slot);
    return slot;
}

std::optional<HolderSlot> HolderSlotReader::read_running(RemoteAddr place) const {
    auto next = running_.upper_bound(place);
    if (next == running_.begin()) return std::nullopt;
    const auto& [start, running] = *--next;
    if (place >= running.end) return std::nullopt;
    HolderSlot slot;
    slot.holder = running.frame.address;
    slot.text = running.bytecode->variables[(place.value - start.value) / kWord];
    slot.root = HolderRoot::kRunningFrame;
    slot.frame = running.frame;
    return slot;
}

std::optional<HolderSlot> HolderSlotReader::read_owned(RemoteAddr place, const BlockOwner& owner) {
    HolderSlot slot;
    slot.holder = owner.object;
    slot.step = StepKind::kIndex;
    const std::uint64_t distance = place.value - owner.start.value;
    switch (owner.kind) {
        case OwnerKind::kList: {
            const auto length = read_length(memory_, layout_, owner.object);
            const auto items = memory_.read_pointer(at(owner.object, layout_.list.items));
            if (!length || !items || *items != owner.start || distance / kWord >= *length)
                return std::nullopt;
            slot.text = std::to_string(distance / kWord);
            return slot;
        }
        case OwnerKind::kTuple: {
            const auto length = read_length(memory_, layout_, owner.object);
            const auto first = static_cast<std::uint64_t>(layout_.tuple.items);
            if (!length || distance < first || (distance - first) / kWord >= *length) return std::nullopt;
            slot.text = std::to_string((distance - first) / kWord);
            return slot;
        }
        case OwnerKind::kDict:
            return read_key(place, owner.object);
        case OwnerKind::kSet: {
            const RemoteAddr fields = at(owner.object, layout_.object.size);
            const auto mask = memory_.read_as<std::uint64_t>(fields + 2 * kWord);
            const auto table = memory_.read_pointer(fields + 3 * kWord);
            constexpr std::uint64_t kEntry = 2 * kWord;  // key and hash
            if (!mask || !table || *table != owner.start || distance % kEntry != 0 ||
                distance / kEntry > *mask) {
                return std::nullopt;
            }
            slot.step = StepKind::kMember;
            return slot;
        }
        case OwnerKind::kDeque: {
            const auto length = read_length(memory_, layout_, owner.object);
            const auto left =
                memory_.read_as<std::uint64_t>(at(owner.object, layout_.object.size) + 3 * kWord);
            if (!length || !left || distance < kWord || distance > kDequeBlockItems * kWord) {
                return std::nullopt;
            }
            const std::uint64_t index = owner.ordinal * kDequeBlockItems + distance / kWord - 1 - *left;
            if (index >= *length) return std::nullopt;
            slot.text = std::to_string(index);
            return slot;
        }
        case OwnerKind::kInstance: {
            const auto key = find_attribute_name_at(memory_, layout_, owner.object, place);
            auto name = key ? read_str(memory_, layout_, *key, kMaxTypeNameBytes) : key.error();
            if (!name) return std::nullopt;
            slot.step = StepKind::kField;
            slot.text = std::move(*name);
            return slot;
        }
    }
    return std::nullopt;
}

std::optional<HolderSlot> HolderSlotReader::read_key(RemoteAddr place, RemoteAddr dict) {
    const auto key = find_dict_key_at(memory_, layout_, dict, place);
    if (!key) return std::nullopt;
    HolderSlot slot;
    slot.holder = dict;
    slot.step = StepKind::kKey;
    slot.text = read_str(memory_, layout_, *key, kMaxTypeNameBytes).value_or("");
    const auto shown = values_ ? preview(memory_, layout_, *key, *values_)
                               : describe_type(memory_, layout_, type_facts_, *key);
    slot.shown_key = values_ ? shown.value_or("?") : '<' + shown.value_or("?") + '>';
    return slot;
}

// The namespace of an instance stands before it.
std::optional<HolderSlot> HolderSlotReader::read_managed_dict(RemoteAddr place) {
    if (layout_.attributes_rule == AttributesRule::kOffset) return std::nullopt;
    const RemoteAddr object = place + static_cast<std::uint64_t>(-layout_.managed_dict);
    const auto type_address = read_type(memory_, layout_, object);
    const Type* type = type_address ? types_.find(*type_address) : nullptr;
    if (type == nullptr || is_static(type->flags) || (type->flags & kManagedDict) == 0) return std::nullopt;
    if (!is_alive(memory_, layout_, object)) return std::nullopt;
    HolderSlot slot;
    slot.holder = object;
    slot.step = StepKind::kDict;
    return slot;
}

// Backwards from the word to the first object that lives: it is around the word, or none is.
std::optional<HolderSlot> HolderSlotReader::read_inside(RemoteAddr place) {
    constexpr std::uint64_t kStep = 512;
    std::array<std::uint64_t, kStep / kWord> words{};
    std::uint64_t end = place.value / kObjectAlignment * kObjectAlignment;
    const auto type_field = static_cast<std::uint64_t>(layout_.object.type);
    for (std::uint64_t done = 0; done < kMaxInside && end > kMaxInside; done += kStep, end -= kStep) {
        // Objects from `end` - kStep + 16 to `end`.
        const RemoteAddr from{end - kStep + kObjectAlignment + type_field};
        if (!memory_.read(from, std::as_writable_bytes(std::span(words)))) return std::nullopt;
        for (std::uint64_t object = end; object > end - kStep; object -= kObjectAlignment) {
            const Type* type = types_.find({words[(object + type_field - from.value) / kWord]});
            if (type == nullptr || (type->flags & kTypeFlagCollected) == 0) continue;
            if (!is_alive(memory_, layout_, {object})) continue;
            if (place.value - object >= most_bytes_of({object}, *type)) return std::nullopt;
            return read_field(place, {object}, *type);
        }
    }
    return std::nullopt;
}

std::uint64_t HolderSlotReader::most_bytes_of(RemoteAddr object, const Type& type) const {
    // Its frame is in it and tells how many variables there are.
    if (is_static(type.flags) && has_frame(type.name)) return kMaxInside;
    std::uint64_t bytes = type.basic_bytes;
    if (type.item_bytes > 0) {
        const auto length = read_length(memory_, layout_, object);
        bytes += length ? std::min(*length, kMaxInside) * type.item_bytes : 0;
    }
    if (!is_static(type.flags) && (type.flags & kInlineValues) != 0) bytes += kMaxValuesBytes;
    return bytes;
}

std::optional<HolderSlot> HolderSlotReader::read_field(RemoteAddr place, RemoteAddr object,
                                                       const Type& type) {
    const std::uint64_t offset = place.value - object.value;
    if (is_static(type.flags)) {
        const bool objects = layout_.frame_rule == FrameRule::kFrameObjects;
        const bool runs = has_frame(type.name);
        if (runs && !objects && offset > static_cast<std::uint64_t>(layout_.coroutine.iframe)) {
            return read_suspended(place, object, at(object, layout_.coroutine.iframe));
        }
        if (type.name == "frame") return objects ? read_suspended(place, {}, object) : std::nullopt;
        if (runs || type.name.starts_with("weak")) return std::nullopt;
    }
    HolderSlot slot;
    slot.holder = object;
    if (is_static(type.flags) && type.name == "cell") {
        slot.step = StepKind::kCell;
        return slot;
    }
    if ((type.flags & kTypeFlagType) != 0) {
        slot.step = StepKind::kDict;
        return offset == static_cast<std::uint64_t>(layout_.type.dict) ? std::optional(slot) : std::nullopt;
    }
    if (type.dict_offset > 0 && offset == static_cast<std::uint64_t>(type.dict_offset)) {
        slot.step = StepKind::kDict;
        return slot;
    }
    const auto key = find_attribute_name_at(memory_, layout_, object, place);
    slot.text =
        key ? read_str(memory_, layout_, *key, kMaxTypeNameBytes).value_or("") : name_field(type, offset);
    return slot.text.empty() ? std::nullopt : std::optional(std::move(slot));
}

std::string HolderSlotReader::name_field(const Type& type, std::uint64_t offset) const {
    // Fields that no name leads to. Source: CPython Include/cpython/methodobject.h PyCFunctionObject,
    // every version; and of a future: its result, exception or callbacks.
    const auto self = static_cast<std::uint64_t>(layout_.object.type) + 2 * kWord;
    if (is_static(type.flags) && type.name == "builtin_function_or_method" && offset == self)
        return "__self__";
    std::string name = find_member_name(type, offset);
    if (name.empty() && offset < type.basic_bytes &&
        derives_from(memory_, layout_, type.address, "_asyncio.Future").value_or(false)) {
        return "(inside)";
    }
    return name;
}

// The frame of a coroutine or generator that does not run. What has ended holds nothing.
std::optional<HolderSlot> HolderSlotReader::read_suspended(RemoteAddr place, RemoteAddr owner,
                                                           RemoteAddr frame_address) {
    const bool objects = layout_.frame_rule == FrameRule::kFrameObjects;
    auto frame = read_frame(memory_, layout_, codes_, frame_address);
    HolderSlot slot;
    slot.holder = owner.is_null() ? frame_address : owner;
    slot.root = HolderRoot::kSuspendedFrame;
    if (!owner.is_null()) {
        const auto state = memory_.read_as<std::int8_t>(at(owner, layout_.coroutine.frame_state));
        if (!state || *state >= layout_.cleared_value) return std::nullopt;
        if (*state == layout_.created_value) slot.root = HolderRoot::kFrameNotStarted;
    }
    if (!frame || !*frame) return std::nullopt;
    const auto bytecode = bytecodes_.find_or_read(memory_, layout_, (*frame)->code);
    const Offset first = objects ? layout_.frame_object.locals : layout_.interpreter_frame.locals;
    const std::uint64_t variable = (place.value - at(frame_address, first).value) / kWord;
    if (!bytecode || place < at(frame_address, first) || variable >= (*bytecode)->variables.size()) {
        return std::nullopt;
    }
    if (objects && (*frame)->byte_offset.value_or(0) < 0) slot.root = HolderRoot::kFrameNotStarted;
    slot.text = (*bytecode)->variables[variable];
    slot.frame = std::move(**frame);
    return slot;
}

// PyMemberDef: name, type, offset. Source: CPython Include/structmember.h (descrobject.h from 3.12 on).
std::string HolderSlotReader::find_member_name(const Type& type, std::uint64_t offset) const {
    struct Member {
        std::uint64_t name = 0;
        std::int32_t type = 0;
        std::int32_t gap = 0;
        std::uint64_t offset = 0;
        std::uint64_t flags = 0;
        std::uint64_t doc = 0;
    };
    constexpr std::int32_t kObject = 6;     // T_OBJECT
    constexpr std::int32_t kObjectEx = 16;  // T_OBJECT_EX
    RemoteAddr of = type.address;
    for (int i = 0; i < kMaxBases && !of.is_null(); ++i) {
        const auto members = memory_.read_pointer(at(of, layout_.type.members));
        for (int k = 0; members && !members->is_null() && k < kMaxMembers; ++k) {
            const auto member =
                memory_.read_as<Member>(*members + static_cast<std::uint64_t>(k) * sizeof(Member));
            if (!member || member->name == 0) break;
            const bool is_object = member->type == kObject || member->type == kObjectEx;
            if (!is_object || member->offset != offset) continue;
            return read_c_string(memory_, {member->name}, kMaxTypeNameBytes).value_or("");
        }
        of = memory_.read_pointer(at(of, layout_.type.base)).value_or(RemoteAddr{});
    }
    return {};
}

void HolderSlotReader::find_root(HolderSlot& slot) {
    if (slot.root != HolderRoot::kNone) return;
    if (const auto module = modules_.find(slot.holder); module != modules_.end()) {
        slot.root = HolderRoot::kModule;
        slot.root_name = module->second;
        return;
    }
    const auto address = read_type(memory_, layout_, slot.holder);
    const Type* type = address ? types_.find(*address) : nullptr;
    if (type == nullptr) return;
    if ((type->flags & kTypeFlagType) != 0) {
        slot.root = HolderRoot::kClass;
        slot.root_name = read_full_type_name(memory_, layout_, slot.holder).value_or("?");
    } else if (is_static(type->flags) && type->name == "function") {
        const auto code = memory_.read_pointer(at(slot.holder, layout_.function.code));
        const auto facts = code ? codes_.find_or_read(memory_, layout_, *code) : code.error();
        if (!facts) return;
        slot.root = HolderRoot::kFunction;
        slot.root_name = (*facts)->qualname;
    }
}

}  // namespace corotrace
