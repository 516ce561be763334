// SPDX-License-Identifier: MIT
// What to write instead, in the user's own words of code: the source line with the call repaired. Pure. Where
// the line cannot be read, or the call cannot be found in it beyond doubt, the call is named without it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cpython_layouts/line_table.hpp"

namespace corotrace {

struct CallText {
    std::optional<std::string> line;  // the source line on which the call begins, with its indentation
    Position position;                // of the call expression, columns from 3.11 on
    std::string callee;               // as the code names it: "self.store.save"; "(...)" in it: not nameable
    bool is_call = true;              // else a property, without parentheses
};

struct HolderText {
    std::string function;       // that contains the call
    bool may_await = false;     // it is async
    bool loop_running = false;  // an event loop runs it
};

// The statement with the call awaited, or how a plain function can have it awaited.
[[nodiscard]] std::string fix_by_await(const CallText& call, const HolderText& holder);

// The call handed to a task of its own.
[[nodiscard]] std::string fix_by_task(const CallText& call, const HolderText& holder);

// The call expression itself: "store.save(record)", or "store.save(...)" without the source.
[[nodiscard]] std::string call_expression(const CallText& call);

// Where in `line` the call is: byte columns [first, second). Null: not there, or in several places.
struct TextSpan {
    std::size_t begin = 0;
    std::size_t end = 0;

    bool operator==(const TextSpan&) const = default;
};
[[nodiscard]] std::optional<TextSpan> find_call(const CallText& call);

}  // namespace corotrace
