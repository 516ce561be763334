// SPDX-License-Identifier: MIT
// The part of validate_layout() that looks at types and at one function, none of which ever changes.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "cpython_layouts/layout.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

// The size of a field that is a pointer.
inline constexpr Offset kPointer = sizeof(std::uint64_t);

// What is told of a belief about the layout that does not hold.
[[nodiscard]] Error belief(std::string what);

struct MemberOffset {
    std::string_view name;
    Offset offset;  // kAbsent: not to be checked
};

// Errors of all: malformed, naming the belief that failed, and those of reading.

// Whether the fields of objects, code, functions, classes and coroutines are where `layout` has them.
// `interpreter` is one of the process's.
[[nodiscard]] Status check_types(const RemoteMemory& memory, const Layout& layout, RemoteAddr interpreter,
                                 RemoteAddr coroutine_type);

// tp_basicsize: where the last field of an instance of `type` ends. `name` is for the message.
[[nodiscard]] Status check_instance_size(const RemoteMemory& memory, const Layout& layout, RemoteAddr type,
                                         std::string_view name, std::int64_t expected);

// tp_members, Python's own list of the fields of a type, must have these at their offsets.
[[nodiscard]] Status check_members(const RemoteMemory& memory, const Layout& layout, RemoteAddr type,
                                   std::initializer_list<MemberOffset> fields);

}  // namespace corotrace
