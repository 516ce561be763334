// SPDX-License-Identifier: MIT
// Readers of single Python objects. Nothing is believed: lengths are capped, pointers are checked by reading
// them. Text comes back as valid UTF-8 (lone surrogates and garbage as U+FFFD), printable or not.
// What is read must not change meanwhile: the object's thread is stopped, or the object is immutable and
// held.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cpython_layouts/layout.hpp"
#include "cpython_layouts/limits.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

// Of objects that the collector knows: pymalloc, malloc(3) and mimalloc align by it what has their size. Half
// of what only looks like one, in tables of pointers, does not begin there. Source: CPython
// Objects/obmalloc.c, ALIGNMENT, 3.8 to 3.15.
inline constexpr std::uint64_t kObjectAlignment = 16;

// Bits of tp_flags, the same in every version. Source: CPython Include/object.h, Py_TPFLAGS_*.
inline constexpr std::uint64_t kTypeFlagHeap = 1U << 9U;
inline constexpr std::uint64_t kTypeFlagReady = 1U << 12U;
inline constexpr std::uint64_t kTypeFlagCollected = 1U << 14U;  // Py_TPFLAGS_HAVE_GC
inline constexpr std::uint64_t kTypeFlagInt = 1U << 24U;  // is int or derived from it; so for the others
inline constexpr std::uint64_t kTypeFlagList = 1U << 25U;
inline constexpr std::uint64_t kTypeFlagTuple = 1U << 26U;
inline constexpr std::uint64_t kTypeFlagBytes = 1U << 27U;
inline constexpr std::uint64_t kTypeFlagUnicode = 1U << 28U;
inline constexpr std::uint64_t kTypeFlagDict = 1U << 29U;
inline constexpr std::uint64_t kTypeFlagType = 1U << 31U;

// ob_type.
[[nodiscard]] Result<RemoteAddr> read_type(const RemoteMemory& memory, const Layout& layout,
                                           RemoteAddr object);

// How many references there are, as CPython counts them; of an immortal object some large number.
[[nodiscard]] Result<std::int64_t> read_refcount(const RemoteMemory& memory, const Layout& layout,
                                                 RemoteAddr object);

// tp_flags of the type of `object`. Cost: 2 reads.
[[nodiscard]] Result<std::uint64_t> read_type_flags(const RemoteMemory& memory, const Layout& layout,
                                                    RemoteAddr object);

// A NUL-terminated string of the target as valid UTF-8, cut at `max_bytes`.
[[nodiscard]] Result<std::string> read_c_string(const RemoteMemory& memory, RemoteAddr from,
                                                std::size_t max_bytes);

// tp_name of a type object: "str", "_asyncio.Task", "Holder" (a class statement leaves no module in it).
[[nodiscard]] Result<std::string> read_type_name(const RemoteMemory& memory, const Layout& layout,
                                                 RemoteAddr type);

// tp_name of the type of `object`. Cost: 3 reads.
[[nodiscard]] Result<std::string> read_type_name_of(const RemoteMemory& memory, const Layout& layout,
                                                    RemoteAddr object);

// Whether tp_name of `type` or of one of its bases, those that are first of several, is this.
[[nodiscard]] Result<bool> derives_from(const RemoteMemory& memory, const Layout& layout, RemoteAddr type,
                                        std::string_view name);

// "module.Class" as repr() of the class names it, without "builtins.". Heap types cost a dict lookup.
[[nodiscard]] Result<std::string> read_full_type_name(const RemoteMemory& memory, const Layout& layout,
                                                      RemoteAddr type);

// A str of any kind and any build. Cut at `max_chars` code points without a mark.
// Cost: 2-3 reads. Errors: unreadable, malformed (kind or length impossible, or not a str).
[[nodiscard]] Result<std::string> read_str(const RemoteMemory& memory, const Layout& layout,
                                           RemoteAddr object, std::size_t max_chars = kMaxStringChars);

// Code points of a str, `count` from `first`, clipped to its length; `length` is that of the whole.
// Lone surrogates come as they are: for repr().
struct StrPart {
    std::u32string chars;
    std::uint64_t length = 0;
};
[[nodiscard]] Result<StrPart> read_str_part(const RemoteMemory& memory, const Layout& layout,
                                            RemoteAddr object, std::uint64_t first, std::size_t count);

// ob_size of a variable-size object (not of an int). Errors: malformed if no object can be that long.
[[nodiscard]] Result<std::uint64_t> read_length(const RemoteMemory& memory, const Layout& layout,
                                                RemoteAddr object);

// All bytes of a bytes object. Errors: malformed if it has more than `max_bytes`.
[[nodiscard]] Result<std::vector<std::byte>> read_bytes(const RemoteMemory& memory, const Layout& layout,
                                                        RemoteAddr object, std::size_t max_bytes);

// Item pointers of a tuple or list: the first `max_items`, and how many there are.
struct Items {
    std::vector<RemoteAddr> items;
    std::uint64_t length = 0;
};
[[nodiscard]] Result<Items> read_tuple(const RemoteMemory& memory, const Layout& layout, RemoteAddr object,
                                       std::size_t max_items);
[[nodiscard]] Result<Items> read_list(const RemoteMemory& memory, const Layout& layout, RemoteAddr object,
                                      std::size_t max_items);

}  // namespace corotrace
