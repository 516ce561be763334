// SPDX-License-Identifier: MIT
// Code: the facts of one code object, copied out. CodeCache keeps them across stops.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cpython_layouts/layout.hpp"
#include "cpython_layouts/recall.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

// co_flags. Source: CPython Include/cpython/code.h.
inline constexpr std::uint32_t kCodeOptimized = 0x01;
inline constexpr std::uint32_t kCodeVarargs = 0x04;
inline constexpr std::uint32_t kCodeVarkeywords = 0x08;
inline constexpr std::uint32_t kCodeGenerator = 0x20;
inline constexpr std::uint32_t kCodeCoroutine = 0x80;
inline constexpr std::uint32_t kCodeAsyncGenerator = 0x200;

// Where a call's argument is found among the fast locals of a frame that has not started.
struct ArgumentSlot {
    std::string name;       // "*args" and "**kwargs" carry their stars
    std::size_t local = 0;  // index among the fast locals
    bool in_cell = false;   // there is a cell around it, because an inner function uses it

    bool operator==(const ArgumentSlot&) const = default;
};

struct Code {
    // Errors: unreadable, gone, malformed ("not a code object": its type is not named "code").
    // Cost: about 12 reads.
    [[nodiscard]] static Result<Code> read(const RemoteMemory& memory, const Layout& layout,
                                           RemoteAddr address);

    RemoteAddr address;
    // What no other code object can have in common with this one. Where CPython numbers code objects that is
    // the number; where it does not (up to 3.11) the texts too, for an object with the same pointers may take
    // the place of a freed one: exec in a loop does that.
    std::string identity;
    RemoteAddr name_object;      // the str that `name` is from
    RemoteAddr qualname_object;  // null where there is no co_qualname
    std::string name;
    std::string qualname;  // co_name where there is no co_qualname (up to 3.10)
    std::string filename;
    int first_line = 0;
    std::uint32_t flags = 0;  // CO_*
    std::vector<std::byte> line_table;
    std::int64_t bytecode_bytes = 0;
    RemoteAddr instructions;              // first instruction; null where frames hold offsets (up to 3.10)
    std::size_t parameters = 0;           // the first so many variables
    std::int32_t slots = 0;               // variables, cells and free variables in a frame; from 3.11 on
    std::int32_t stack_size = 0;          // operands at most
    int first_traceable = 0;              // code units; a frame that has not come so far is not shown
    std::vector<ArgumentSlot> arguments;  // in the order of the signature; of coroutine functions only

    bool operator==(const Code&) const = default;
};

// Cost: 1 read; from 3.8 to 3.11 about ten; about 12 if CPython has numbered it meanwhile.
[[nodiscard]] Result<bool> is_still(const RemoteMemory& memory, const Layout& layout, const Code& code);

// Where a function's arguments are, in the order of its signature. Errors: as read_code.
[[nodiscard]] Result<std::vector<ArgumentSlot>> read_arguments(const RemoteMemory& memory,
                                                               const Layout& layout, RemoteAddr address);

using CodeCache = Recall<Code>;

}  // namespace corotrace
