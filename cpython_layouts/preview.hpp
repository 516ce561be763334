// SPDX-License-Identifier: MIT
// preview: what reprlib.Repr() with the same maxima prints of an object, from outside; and describe_type,
// the same without any value. Exact for str, bytes, int, float, bool, None, tuple, list and dict (keys sorted
// where all are str or all are numbers, and up to 256 of them); any other object, a subclass included, is
// <module.Class at 0x..>.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cpython_layouts/layout.hpp"
#include "cpython_layouts/recall.hpp"
#include "cpython_layouts/value_copy.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

// The attributes of reprlib.Repr() and their defaults there (Lib/reprlib.py), and whose values may be shown.
struct PreviewCaps {
    int max_level = 6;
    int max_tuple = 6;
    int max_list = 6;
    int max_dict = 4;
    int max_string = 30;
    int max_long = 40;
    int max_other = 30;
    int max_objects = 256;  // of our own: objects examined in all; from there on "..."

    bool all_names = true;  // false: only what `named` matches
    // Globs: what they match is shown also where the name says that it is a secret.
    std::vector<std::string> named = {};  // NOLINT(readability-redundant-member-init): may be left out

    // Of an argument. Inside a value only what says that it is a secret is hidden: `<hidden>` in a dict.
    [[nodiscard]] bool shows_argument(std::string_view name) const;
    [[nodiscard]] bool shows_key(std::string_view name) const;
};

// Needs: the object held still (its thread stopped). Errors: unreadable, gone, malformed of the outermost
// object, timeout of a memory that has a deadline; of an inner one the place says so. Cost: at most some
// 2,000 reads, nearly all of pages that were read before.
[[nodiscard]] Result<ValueCopy> copy_value(const RemoteMemory& memory, const Layout& layout,
                                           RemoteAddr object, const PreviewCaps& caps);
// When the thread runs on.
[[nodiscard]] std::string show_value(const ValueCopy& copy, const PreviewCaps& caps);
// Both at once, of what nobody waits for.
[[nodiscard]] Result<std::string> preview(const RemoteMemory& memory, const Layout& layout, RemoteAddr object,
                                          const PreviewCaps& caps);

// The builtin types whose values are shown; a subclass of one is another type.
enum class BuiltinKind : std::uint8_t {
    kStr,
    kBytes,
    kInt,
    kFloat,
    kBool,
    kNone,
    kTuple,
    kList,
    kDict,
    kOther
};

struct TypeFacts {
    // Errors: unreadable, gone. Cost: 3 reads; of a class made by Python code about 20.
    [[nodiscard]] static Result<TypeFacts> read(const RemoteMemory& memory, const Layout& layout,
                                                RemoteAddr address);

    RemoteAddr address;
    BuiltinKind kind = BuiltinKind::kOther;
    std::string name;  // read_full_type_name()

    bool operator==(const TypeFacts&) const = default;
};
[[nodiscard]] Result<bool> is_still(const RemoteMemory& memory, const Layout& layout, const TypeFacts& type);

using TypeCache = Recall<TypeFacts>;

// Type and, where it has one, length: "str[12]", "dict[3]", "int", "app.Order". Never a value.
[[nodiscard]] Result<std::string> describe_type(const RemoteMemory& memory, const Layout& layout,
                                                TypeCache& types, RemoteAddr object);

}  // namespace corotrace
