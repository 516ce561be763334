// SPDX-License-Identifier: MIT
// What a function is for that gets a coroutine as an argument, told by its name. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace corotrace {

enum class CalleeKind : std::uint8_t { kPlain, kFormats, kTests, kUses, kSchedules, kCallsBack };

// By how the code calls it: "asyncio.wait" schedules, "process.wait" does not.
[[nodiscard]] CalleeKind kind_of_callee(std::string_view callee);

// Takes a function, to call it later.
struct CallbackTaker {
    std::string_view name;
    std::size_t position = 0;    // of the function among the arguments
    std::string_view keyword{};  // of it; empty: none
    std::string_view lambda{};   // how a function begins that starts a coroutine there; empty: none can
    std::string_view in_loop{};  // that where a loop runs it all; empty: the same
};
// Null: it is of no such kind.
[[nodiscard]] const CallbackTaker* find_callback_taker(std::string_view callee);

// It waits for futures of an executor, and takes no coroutines: concurrent.futures.wait().
[[nodiscard]] bool takes_futures(std::string_view callee);

// A variable of this name holds a function to call: func, _callback, handler.
[[nodiscard]] bool names_function(std::string_view variable);

// By its name it takes functions that are to be called later: add_listener, on_close, do. `loosely`: also
// where as many of that name take values, as connect.
[[nodiscard]] bool registers_functions(std::string_view name, bool loosely);

}  // namespace corotrace
