// SPDX-License-Identifier: MIT
// Reader of dicts: combined and split tables, with and without hashes in the entries. A subclass is a dict
// too.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "cpython_layouts/layout.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

struct DictEntry {
    RemoteAddr key;
    RemoteAddr value;
};

struct DictItems {
    std::vector<DictEntry> entries;
    std::uint64_t length = 0;  // of the whole dict
};

// Keys and values in the order of the table (insertion order, except for an instance's __dict__ whose
// attributes were set in another order than those of its class mates): the first `max_entries` in use.
// Errors: unreadable, malformed. Cost: 4-6 reads.
[[nodiscard]] Result<DictItems> read_dict(const RemoteMemory& memory, const Layout& layout, RemoteAddr object,
                                          std::size_t max_entries);

// The value under a str key, by comparing keys one after the other: their hashes are secret. Of a larger dict
// the first kMaxNamesCompared are examined. Errors: not_found.
[[nodiscard]] Result<RemoteAddr> find_dict_item(const RemoteMemory& memory, const Layout& layout,
                                                RemoteAddr dict, std::string_view key);

// Attribute `name` of an instance of a class made by Python code, of those that it has itself. Errors:
// not_found (none of that name, or the class keeps its attributes elsewhere). Cost: as find_dict_item().
// Needs: the object held still.
[[nodiscard]] Result<RemoteAddr> find_instance_attribute(const RemoteMemory& memory, const Layout& layout,
                                                         RemoteAddr object, std::string_view name);

// The dict in which an instance of a class made by Python code keeps its attributes. Null: it has none, or
// keeps them elsewhere. Errors: unreadable. Cost: 4 reads.
[[nodiscard]] Result<RemoteAddr> read_attribute_dict(const RemoteMemory& memory, const Layout& layout,
                                                     RemoteAddr object);

// The memory of its own that a dict has beside the object: where its keys begin, and where its values do, if
// they are apart (null if not). Whether it is a dict is not examined. Errors: unreadable. Cost: 1 read.
struct DictBlocks {
    RemoteAddr keys;
    RemoteAddr values;
};
[[nodiscard]] Result<DictBlocks> read_dict_blocks(const RemoteMemory& memory, const Layout& layout,
                                                  RemoteAddr dict);

// The key whose value, or which itself, is kept at `place`. Errors: not_found (no entry of this dict is
// there), unreadable, malformed. Cost: 4-6 reads.
[[nodiscard]] Result<RemoteAddr> find_dict_key_at(const RemoteMemory& memory, const Layout& layout,
                                                  RemoteAddr dict, RemoteAddr place);

// The name (a str) of the attribute that an instance keeps at `place`, where it has no dict for them.
// Errors: as find_dict_key_at().
[[nodiscard]] Result<RemoteAddr> find_attribute_name_at(const RemoteMemory& memory, const Layout& layout,
                                                        RemoteAddr object, RemoteAddr place);

}  // namespace corotrace
