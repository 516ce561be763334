// SPDX-License-Identifier: MIT
// ValueCopy: what was copied of a value while its thread stood still, as far as a preview will show it.
// Numbers and bytes become text afterwards, by to_text(), so that no conversion makes the thread wait.
#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "cpython_layouts/integer.hpp"

namespace corotrace {

struct ValueCopy;

// Of a tuple, list or dict; keys and values take turns.
struct ItemsCopy {
    enum class Kind : std::uint8_t { kTuple, kList, kDict };
    Kind kind = Kind::kTuple;
    std::vector<ValueCopy> items;
    bool has_more = false;         // than were copied
    bool is_single_tuple = false;  // "(1,)"
};

struct ValueCopy {
    // A string: shown as it is.
    std::variant<std::string, IntDigits, std::vector<std::byte>, ItemsCopy> value;
};

struct TextCaps {
    int max_long = 40;
    int max_other = 30;
};

// Pure. Cost: up to 1 ms for bytes, 0.2 ms for a number.
[[nodiscard]] std::string to_text(const ValueCopy& copy, const TextCaps& caps);

// The first and last characters with "..." between, as reprlib cuts: never longer than `max`.
[[nodiscard]] std::string cut_middle(const std::string& text, int max);

}  // namespace corotrace
