// SPDX-License-Identifier: MIT
#include "cpython_layouts/dict.hpp"

#include <algorithm>
#include <array>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/limits.hpp"
#include "cpython_layouts/objects.hpp"

namespace corotrace {

namespace {

// The entries of a keys object: where they are, how many, how large (with a hash in front or without).
struct EntryTable {
    RemoteAddr first;
    std::uint64_t count = 0;
    bool has_hash = true;

    [[nodiscard]] std::uint64_t entry_bytes() const { return has_hash ? 24 : 16; }
};

constexpr std::uint64_t kMaxSlots = std::uint64_t{1} << 40U;

// Source: CPython 3.8-3.10 Objects/dict-common.h and dictobject.c DK_IXSIZE; 3.11+ pycore_dict.h DK_ENTRIES.
Result<EntryTable> read_entry_table(const RemoteMemory& memory, const Layout& layout, RemoteAddr keys) {
    const DictKeysLayout& fields = layout.dict_keys;
    CT_TRY(const auto block,
           Block::read(memory, keys, {fields.slots, fields.log2_index_bytes, fields.kind, fields.entry_count},
                       "dict keys"));
    std::uint64_t index_bytes = 0;
    std::uint64_t slots = 0;
    bool has_hash = true;
    switch (layout.dict_keys_rule) {
        case DictKeysRule::kSlotCount: {
            slots = block.as<std::uint64_t>(fields.slots);
            const std::uint64_t width = slots <= 0xff ? 1 : slots <= 0xffff ? 2 : slots <= 0xffffffff ? 4 : 8;
            index_bytes = slots * width;
            break;
        }
        case DictKeysRule::kLog2: {
            const auto log2 = block.as<std::uint8_t>(fields.log2_index_bytes);
            if (log2 > 40) return Error{Errc::malformed, 0, "index size of dict keys " + to_hex(keys)};
            index_bytes = std::uint64_t{1} << log2;
            // One byte for each index while there are at most 128 slots, then two, four and eight.
            slots = index_bytes >> (log2 < 8 ? 0 : log2 <= 16 ? 1 : log2 <= 33 ? 2 : 3);
            has_hash = block.as<std::uint8_t>(fields.kind) == 0;  // DICT_KEYS_GENERAL
            break;
        }
    }
    const auto count = block.as<std::uint64_t>(fields.entry_count);
    // Two thirds of the slots at most. Source: CPython Objects/dictobject.c USABLE_FRACTION, 3.8 to 3.15.
    if (slots > kMaxSlots || count > slots * 2 / 3) {
        return Error{Errc::malformed, 0, "size of dict keys " + to_hex(keys)};
    }
    return EntryTable{at(keys, fields.indices) + index_bytes, count, has_hash};
}

// Calls `take(key, value)` for each entry in use, of the first `max_entries` of the table, until it returns
// false. `values` is null unless split.
template <typename Take>
Status walk_entries(const RemoteMemory& memory, const EntryTable& table, RemoteAddr values,
                    std::size_t max_entries, Take take) {
    constexpr std::uint64_t kChunk = 128;
    const std::uint64_t count = std::min<std::uint64_t>(table.count, max_entries);
    // A table is as large as it says, or not believed at all.
    if (count > kChunk) {
        CT_TRY([[maybe_unused]] const auto last,
               memory.read_as<std::uint64_t>(table.first + (table.count - 1) * table.entry_bytes()));
    }
    std::vector<std::uint64_t> words;
    std::array<RemoteAddr, kChunk> split{};
    for (std::uint64_t done = 0; done < count; done += kChunk) {
        const std::uint64_t n = std::min(kChunk, count - done);
        words.resize(n * table.entry_bytes() / sizeof(std::uint64_t));
        auto read =
            memory.read(table.first + done * table.entry_bytes(), std::as_writable_bytes(std::span(words)));
        if (read && !values.is_null()) {
            read = memory.read(values + done * sizeof(RemoteAddr),
                               std::as_writable_bytes(std::span(split).first(n)));
        }
        if (!read) return read;
        const std::size_t stride = words.size() / n;
        for (std::size_t i = 0; i < n; ++i) {
            const RemoteAddr key{words[i * stride + (table.has_hash ? 1 : 0)]};
            const RemoteAddr value = values.is_null() ? RemoteAddr{words[i * stride + stride - 1]} : split[i];
            if (key.is_null() || value.is_null()) continue;  // deleted, or not set in this instance
            if (!take(key, value)) return {};
        }
    }
    return {};
}

struct OpenDict {
    std::uint64_t length = 0;
    EntryTable table;
    RemoteAddr values;
};

Result<OpenDict> open_dict(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    CT_TRY(const auto flags, read_type_flags(memory, layout, object));
    if ((flags & kTypeFlagDict) == 0) return Error{Errc::malformed, 0, "not a dict: " + to_hex(object)};
    CT_TRY(const auto block,
           Block::read(memory, object, {layout.dict.used, layout.dict.keys, layout.dict.values}, "dict"));
    OpenDict dict{.length = block.as<std::uint64_t>(layout.dict.used), .table = {}, .values = {}};
    CT_TRY(dict.table, read_entry_table(memory, layout, block.pointer(layout.dict.keys)));
    const RemoteAddr values = block.pointer(layout.dict.values);
    if (!values.is_null()) dict.values = at(values, layout.dict.values_items);
    return dict;
}

Result<RemoteAddr> find_item(const RemoteMemory& memory, const Layout& layout, const EntryTable& table,
                             RemoteAddr values, std::string_view key) {
    RemoteAddr found;
    const bool is_ascii =
        std::ranges::all_of(key, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    const auto compare = [&](RemoteAddr candidate, RemoteAddr value) {
        // The length, in characters, rules out most without reading them.
        const auto length = memory.read_as<std::uint64_t>(at(candidate, layout.unicode.length));
        if (!length || *length > key.size() || (is_ascii && *length != key.size())) return true;
        const auto text = read_str(memory, layout, candidate, key.size());
        if (text && *text == key) found = value;
        return found.is_null();
    };
    auto done = walk_entries(memory, table, values, kMaxNamesCompared, compare);
    if (!done) return std::move(done).error().in("entries");
    if (found.is_null()) return Error{Errc::not_found, 0, "no key '" + std::string(key) + "'"};
    return found;
}

Result<RemoteAddr> find_key_at(const RemoteMemory& memory, const EntryTable& table, RemoteAddr values,
                               RemoteAddr place) {
    const RemoteAddr first = values.is_null() ? table.first : values;
    const std::uint64_t stride = values.is_null() ? table.entry_bytes() : kWord;
    const std::uint64_t distance = place.value - first.value;
    const std::uint64_t index = distance / stride;
    if (place < first || index >= std::min<std::uint64_t>(table.count, kMaxDictEntries)) {
        return Error{Errc::not_found, 0, "no entry at " + to_hex(place)};
    }
    const RemoteAddr key_place = table.first + index * table.entry_bytes() + (table.has_hash ? kWord : 0);
    const bool is_entry =
        values.is_null() ? place == key_place || place == key_place + kWord : distance % kWord == 0;
    if (!is_entry) return Error{Errc::not_found, 0, "no entry at " + to_hex(place)};
    CT_TRY(const auto key, memory.read_pointer(key_place));
    if (key.is_null()) return Error{Errc::not_found, 0, "no entry at " + to_hex(place)};
    return key;
}

// One of the two, or neither.
struct Attributes {
    RemoteAddr dict;
    RemoteAddr values;  // in the order of the class's keys
};

// Source: CPython 3.11 and 3.12 Include/internal/pycore_object.h _PyObject_ValuesPointer,
// _PyObject_DictOrValuesPointer; 3.13 and later _PyObject_InlineValues.
Result<Attributes> find_attributes(const RemoteMemory& memory, const Layout& layout, RemoteAddr object,
                                   RemoteAddr type) {
    constexpr std::uint64_t kInlineValues = 1U << 2U;  // Py_TPFLAGS_INLINE_VALUES
    constexpr std::uint64_t kManagedDict = 1U << 4U;   // Py_TPFLAGS_MANAGED_DICT
    constexpr Offset kValid = 3;                       // PyDictValues.valid; the items are a word further
    CT_TRY(const auto flags, memory.read_as<std::uint64_t>(at(type, layout.type.flags)));
    if ((flags & kTypeFlagHeap) == 0) return Attributes{};
    // A class derived from one in C that has a dict, such as asyncio's Future, keeps it where that one does.
    if (layout.attributes_rule == AttributesRule::kOffset || (flags & kManagedDict) == 0) {
        CT_TRY(const auto offset, memory.read_as<std::int64_t>(at(type, layout.type.dict_offset)));
        if (offset <= 0 || offset > 4096) return Attributes{};
        CT_TRY(const auto dict, memory.read_pointer(object + static_cast<std::uint64_t>(offset)));
        return Attributes{.dict = dict, .values = {}};
    }
    const RemoteAddr word{object.value - static_cast<std::uint64_t>(-layout.managed_dict)};
    CT_TRY(const auto dict, memory.read_pointer(word));
    if (layout.attributes_rule == AttributesRule::kTaggedWord && dict.value % 2 != 0) {
        return Attributes{.dict = {}, .values = {dict.value + 1}};
    }
    if (!dict.is_null()) return Attributes{.dict = dict, .values = {}};
    if (layout.attributes_rule == AttributesRule::kTwoWords) {
        CT_TRY(const auto values, memory.read_pointer({word.value - kWord}));
        return Attributes{.dict = {}, .values = values};
    }
    if (layout.attributes_rule != AttributesRule::kInlineValues || (flags & kInlineValues) == 0) {
        return Attributes{};
    }
    CT_TRY(const auto size, memory.read_as<std::int64_t>(at(type, layout.type.basicsize)));
    if (size <= 0 || size > 4096) return Attributes{};
    const RemoteAddr values = object + static_cast<std::uint64_t>(size);
    CT_TRY(const auto valid, memory.read_as<std::uint8_t>(at(values, kValid)));
    return valid == 0 ? Attributes{} : Attributes{.dict = {}, .values = values + kWord};
}

}  // namespace

Result<DictItems> read_dict(const RemoteMemory& memory, const Layout& layout, RemoteAddr object,
                            std::size_t max_entries) {
    CT_TRY(const auto dict, open_dict(memory, layout, object));
    DictItems items{.entries = {}, .length = dict.length};
    if (max_entries == 0) return items;
    const auto take = [&](RemoteAddr key, RemoteAddr value) {
        items.entries.push_back({key, value});
        return items.entries.size() < max_entries;
    };
    auto done = walk_entries(memory, dict.table, dict.values, kMaxDictEntries, take);
    if (!done) return std::move(done).error().in("entries of dict " + to_hex(object));
    return items;
}

Result<RemoteAddr> find_dict_item(const RemoteMemory& memory, const Layout& layout, RemoteAddr dict,
                                  std::string_view key) {
    CT_TRY(const auto open, open_dict(memory, layout, dict));
    auto found = find_item(memory, layout, open.table, open.values, key);
    if (!found) return std::move(found).error().in("dict " + to_hex(dict));
    return found;
}

Result<RemoteAddr> find_instance_attribute(const RemoteMemory& memory, const Layout& layout,
                                           RemoteAddr object, std::string_view name) {
    CT_TRY(const auto type, read_type(memory, layout, object));
    CT_TRY(const auto attributes, find_attributes(memory, layout, object, type));
    if (!attributes.dict.is_null()) return find_dict_item(memory, layout, attributes.dict, name);
    if (attributes.values.is_null()) return Error{Errc::not_found, 0, "no attributes of " + to_hex(object)};
    CT_TRY(const auto keys, memory.read_pointer(at(type, layout.type.heap_keys)));
    CT_TRY(const auto table, read_entry_table(memory, layout, keys));
    return find_item(memory, layout, table, attributes.values, name);
}

Result<RemoteAddr> read_attribute_dict(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    CT_TRY(const auto type, read_type(memory, layout, object));
    CT_TRY(const auto attributes, find_attributes(memory, layout, object, type));
    return attributes.dict;
}

Result<DictBlocks> read_dict_blocks(const RemoteMemory& memory, const Layout& layout, RemoteAddr dict) {
    CT_TRY(const auto block, Block::read(memory, dict, {layout.dict.keys, layout.dict.values}, "dict"));
    return DictBlocks{.keys = block.pointer(layout.dict.keys), .values = block.pointer(layout.dict.values)};
}

Result<RemoteAddr> find_dict_key_at(const RemoteMemory& memory, const Layout& layout, RemoteAddr dict,
                                    RemoteAddr place) {
    CT_TRY(const auto open, open_dict(memory, layout, dict));
    return find_key_at(memory, open.table, open.values, place);
}

Result<RemoteAddr> find_attribute_name_at(const RemoteMemory& memory, const Layout& layout, RemoteAddr object,
                                          RemoteAddr place) {
    CT_TRY(const auto type, read_type(memory, layout, object));
    CT_TRY(const auto attributes, find_attributes(memory, layout, object, type));
    if (attributes.values.is_null()) return Error{Errc::not_found, 0, "no attributes of " + to_hex(object)};
    CT_TRY(const auto keys, memory.read_pointer(at(type, layout.type.heap_keys)));
    CT_TRY(const auto table, read_entry_table(memory, layout, keys));
    return find_key_at(memory, table, attributes.values, place);
}

}  // namespace corotrace
