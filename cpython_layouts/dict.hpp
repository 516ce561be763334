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

// The value under a str key, by comparing keys one after the other: their hashes are secret. Errors:
// not_found.
[[nodiscard]] Result<RemoteAddr> find_dict_item(const RemoteMemory& memory, const Layout& layout,
                                                RemoteAddr dict, std::string_view key);

// Attribute `name` of an instance of a class made by Python code, of those that it has itself. Errors:
// not_found (none of that name, or the class keeps its attributes elsewhere). Cost: as find_dict_item().
// Needs: the object held still.
[[nodiscard]] Result<RemoteAddr> find_instance_attribute(const RemoteMemory& memory, const Layout& layout,
                                                         RemoteAddr object, std::string_view name);

}  // namespace corotrace
