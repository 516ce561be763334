// SPDX-License-Identifier: MIT
// Readers of single Python objects. Nothing is believed: lengths are capped, pointers are checked by reading
// them. Text comes back as valid UTF-8 (lone surrogates and garbage as U+FFFD), printable or not.
// What is read must not change meanwhile: the object's thread is stopped, or the object is immutable and
// held.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cpython_layouts/layout.hpp"
#include "cpython_layouts/limits.hpp"
#include "symbols/bytes.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

// ob_type.
[[nodiscard]] Result<RemoteAddr> read_type(const RemoteMemory& memory, const Layout& layout,
                                           RemoteAddr object);

// tp_name of a type object: "str", "_asyncio.Task", "Holder" (a class statement leaves no module in it).
[[nodiscard]] Result<std::string> read_type_name(const RemoteMemory& memory, const Layout& layout,
                                                 RemoteAddr type);

// tp_name of the type of `object`. Cost: 3 reads.
[[nodiscard]] Result<std::string> read_type_name_of(const RemoteMemory& memory, const Layout& layout,
                                                    RemoteAddr object);

// "module.Class" as repr() of the class names it, without "builtins.". Heap types cost a dict lookup.
[[nodiscard]] Result<std::string> read_full_type_name(const RemoteMemory& memory, const Layout& layout,
                                                      RemoteAddr type);

// A str of any kind and any build. Cut at `max_chars` code points without a mark.
// Cost: 2-3 reads. Errors: unreadable, malformed (kind or length impossible, or not a str by its type name).
[[nodiscard]] Result<std::string> read_str(const RemoteMemory& memory, const Layout& layout,
                                           RemoteAddr object, std::size_t max_chars = kMaxStringChars);

// Code points of a str, `count` from `first`, clipped to its length; `length` is that of the whole.
// Lone surrogates come as they are: for repr().
struct StrPart {
    std::vector<char32_t> chars;
    std::uint64_t length = 0;
};
[[nodiscard]] Result<StrPart> read_str_part(const RemoteMemory& memory, const Layout& layout,
                                            RemoteAddr object, std::uint64_t first, std::size_t count);

// All bytes of a bytes object. Errors: malformed if it has more than `max_bytes`.
[[nodiscard]] Result<std::vector<std::byte>> read_bytes(const RemoteMemory& memory, const Layout& layout,
                                                        RemoteAddr object, std::size_t max_bytes);

// An int that fits; malformed if it does not.
[[nodiscard]] Result<std::int64_t> read_int(const RemoteMemory& memory, const Layout& layout,
                                            RemoteAddr object);

// Item pointers of a tuple or list: the first `max_items`, and how many there are.
struct Items {
    std::vector<RemoteAddr> items;
    std::uint64_t length = 0;
};
[[nodiscard]] Result<Items> read_tuple(const RemoteMemory& memory, const Layout& layout, RemoteAddr object,
                                       std::size_t max_items);
[[nodiscard]] Result<Items> read_list(const RemoteMemory& memory, const Layout& layout, RemoteAddr object,
                                      std::size_t max_items);

// Key and value pointers of a dict in insertion order: the first `max_entries` that are in use.
struct DictEntry {
    RemoteAddr key;
    RemoteAddr value;
};
struct DictItems {
    std::vector<DictEntry> entries;
    std::uint64_t length = 0;
};
[[nodiscard]] Result<DictItems> read_dict(const RemoteMemory& memory, const Layout& layout, RemoteAddr object,
                                          std::size_t max_entries);

// The value under a str key, by comparing keys one after the other. Errors: not_found.
[[nodiscard]] Result<RemoteAddr> find_dict_item(const RemoteMemory& memory, const Layout& layout,
                                                RemoteAddr dict, std::string_view key);

}  // namespace corotrace
