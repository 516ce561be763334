// SPDX-License-Identifier: MIT
// What a function wants of a coroutine, by the name under which it is called.
#include "tracer/diagnose/callee_kind.hpp"

#include "tests/support/catch.hpp"

namespace corotrace::diagnose_callee_kind_test {

TEST_CASE("a name tells what becomes of an argument") {
    CHECK(kind_of_callee("str") == CalleeKind::kFormats);
    CHECK(kind_of_callee("bool") == CalleeKind::kTests);
    CHECK(kind_of_callee("len") == CalleeKind::kUses);
    CHECK(kind_of_callee("asyncio.gather") == CalleeKind::kSchedules);
    CHECK(kind_of_callee("threading.Thread") == CalleeKind::kCallsBack);
    CHECK(kind_of_callee("log") == CalleeKind::kPlain);
    CHECK(kind_of_callee("") == CalleeKind::kPlain);
}

TEST_CASE("methods of other things bear the same names") {
    CHECK(kind_of_callee("asyncio.run") == CalleeKind::kSchedules);
    CHECK(kind_of_callee("self.loop.run_until_complete") == CalleeKind::kSchedules);
    CHECK(kind_of_callee("subprocess.run") == CalleeKind::kPlain);
    CHECK(kind_of_callee("process.wait") == CalleeKind::kPlain);
    CHECK(kind_of_callee("query.all") == CalleeKind::kPlain);
    CHECK(kind_of_callee("asyncio.Task") == CalleeKind::kSchedules);
    CHECK(kind_of_callee("Task") == CalleeKind::kPlain);  // a model of that name, say
    CHECK(kind_of_callee("models.Task") == CalleeKind::kPlain);
    CHECK(kind_of_callee("stack.callback") == CalleeKind::kCallsBack);
    CHECK(kind_of_callee("callback") == CalleeKind::kPlain);  // a function that is called back
}

TEST_CASE("what takes functions tells where, and what can be one there") {
    REQUIRE(find_callback_taker("loop.call_later") != nullptr);
    CHECK(find_callback_taker("loop.call_later")->position == 1);
    CHECK(find_callback_taker("loop.call_later")->lambda == "lambda: asyncio.ensure_future(");
    CHECK(find_callback_taker("Timer")->lambda == "lambda: asyncio.run(");
    CHECK(find_callback_taker("Thread")->keyword == "target");
    CHECK(find_callback_taker("functools.partial")->lambda.empty());
    CHECK(find_callback_taker("log") == nullptr);
}

TEST_CASE("what waits for futures of an executor takes no coroutines") {
    CHECK(takes_futures("concurrent.futures.wait"));
    CHECK(takes_futures("futures.as_completed"));
    CHECK_FALSE(takes_futures("asyncio.wait"));
}

TEST_CASE("what registers functions by its name") {
    for (const char* name : {"add_listener", "set_exception_handler", "add_job", "do", "submit"})
        CHECK(registers_functions(name, false));
    for (const char* name : {"connect", "on_close", "listen", "callback"}) {
        CHECK_FALSE(registers_functions(name, false));
        CHECK(registers_functions(name, true));
    }
    CHECK_FALSE(registers_functions("save", true));
}

}  // namespace corotrace::diagnose_callee_kind_test
