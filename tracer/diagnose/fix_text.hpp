// SPDX-License-Identifier: MIT
// What to write instead, in the user's own words of code: the source line with the call repaired. Pure. What
// can be pasted is a fix; where the line cannot be read, or the call cannot be found in it beyond doubt, or
// more than this statement has to change, it is advice.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cpython_layouts/line_table.hpp"
#include "tracer/diagnose/code_text.hpp"

namespace corotrace {

struct CallText {
    std::optional<std::string> line;  // on which the call begins, with its indentation: see read_call()
    Position position;                // of the call expression, columns from 3.11 on
    std::string callee;               // as the code names it: "self.store.save"; "(...)" in it: not nameable
    bool is_call = true;              // else a property, without parentheses
    bool is_statement = true;         // the line is whole statements, not a part of one that spans lines
    std::vector<Position> others{};   // calls of the same function in the line that need the same repair
    std::vector<std::string> loop_names{};  // see SourceLines::find_loop_names()
    std::string next{};               // how the next line goes on, where that belongs to the same statement
    std::optional<Position> outer{};  // an awaited call, in the place of which the repaired one is to stand
};

struct HolderText {
    std::string function;       // that contains the call
    bool may_await = false;     // it is async
    bool loop_running = false;  // an event loop runs it
};

struct Remedy {
    std::optional<std::string> fix{};  // compiles where the call stands
    std::string advice{};              // words; empty: none
};

// The statement with the call awaited, or how a plain function can have it awaited. Where the line is not
// whole statements it is only the call.
[[nodiscard]] Remedy remedy_by_await(const CallText& call, const HolderText& holder);

// The call handed to a task of its own.
[[nodiscard]] Remedy remedy_by_task(const CallText& call, const HolderText& holder);

// "lambda x=x: asyncio.run(" of "lambda: asyncio.run(", if `expression`, which is to follow, has the loop's
// variable x: it is another one when the function is called.
[[nodiscard]] std::string bind_loop_names(std::string_view lambda, std::string_view expression,
                                          const std::vector<std::string>& loop_names);

// The call as the body of a lambda: "lambda: asyncio.run(save(x))" with `begin` "lambda: asyncio.run(".
[[nodiscard]] Remedy remedy_by_function(const CallText& call, const std::string& begin);

// "def __len__(self):" of "async def __len__(self):". Null: `line` defines no async function.
[[nodiscard]] std::optional<std::string> plain_definition(std::string_view line);

// The call expression itself: "store.save(record)", or "store.save(...)" without the source.
[[nodiscard]] std::string call_expression(const CallText& call);

// Where in `line` the call is. Null: not there, or in several places.
[[nodiscard]] std::optional<TextSpan> find_call(const CallText& call);

}  // namespace corotrace
