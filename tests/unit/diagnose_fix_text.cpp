// SPDX-License-Identifier: MIT
// The user's line with the call repaired, and when it is better left alone.
#include "tests/support/catch.hpp"
#include "tracer/diagnose/fix_text.hpp"

namespace corotrace {

namespace {

const HolderText kAsync{.function = "handle", .may_await = true, .loop_running = true};
const HolderText kPlain{.function = "handle", .may_await = false, .loop_running = false};
const HolderText kPlainInLoop{.function = "handle", .may_await = false, .loop_running = true};
const HolderText kModule{.function = "<module>", .may_await = false, .loop_running = false};

// Without columns, as up to 3.10.
CallText call_in(const std::string& line, const std::string& callee) {
    return {
        .line = line, .position = {.line = 1, .end_line = {}, .col = {}, .end_col = {}}, .callee = callee};
}

std::optional<std::string> found_in(const std::string& line, const std::string& callee) {
    const CallText call = call_in(line, callee);
    const auto span = find_call(call);
    if (!span) return std::nullopt;
    return line.substr(span->begin, span->end - span->begin);
}

}  // namespace

TEST_CASE("a call is found in its line by name, or not at all") {
    CHECK(found_in("    save(x)", "save") == "save(x)");
    CHECK(found_in("a = self.store.save(f(x), [1, (2)])  # save(y)", "self.store.save") ==
          "self.store.save(f(x), [1, (2)])");
    CHECK(found_in("x = get(1)[0].save(y)", "(...).save") == "get(1)[0].save(y)");
    CHECK(found_in("print('save(1)', save(2))", "save") == "save(2)");
    CHECK(found_in("resave(1); save2(3); save(4)", "save") == "save(4)");
    CHECK(found_in("await save(1); save(2)", "save") == "save(2)");
    CHECK(found_in("f'{save(1)}'", "save") == "save(1)");
    CHECK(found_in("save(1); save(2)", "save") == std::nullopt);
    CHECK(found_in("save(1,", "save") == std::nullopt);
    CHECK(found_in("def save(x): pass", "save") == std::nullopt);
    CHECK(found_in("x = save", "save") == std::nullopt);
    CHECK(found_in("save(')')", "save") == "save(')')");
    CHECK(found_in("", "save") == std::nullopt);
    CHECK(found_in("save(x)", "(...)") == std::nullopt);
}

TEST_CASE("columns decide where there are any, if they can be right") {
    CallText call{.line = "save(1); save(2)",
                  .position = {.line = 1, .end_line = 1, .col = 9, .end_col = 16},
                  .callee = "save"};
    CHECK(find_call(call) == TextSpan{9, 16});
    call.position.end_col = 17;
    CHECK(!find_call(call));
    call.position.end_col = 9;
    CHECK(!find_call(call));
    call.position = {.line = 1, .end_line = 2, .col = 0, .end_col = 5};
    CHECK(!find_call(call));
    CHECK(call_expression(call) == "save(...)");
    call.line.reset();
    CHECK(!find_call(call));
}

TEST_CASE("what can be awaited is awaited where it stands") {
    CHECK(fix_by_await(call_in("    save(x)  # now", "save"), kAsync) == "await save(x)");
    CHECK(fix_by_await(call_in("    if not save(x):", "save"), kAsync) == "if not await save(x):");
    CHECK(fix_by_await(call_in("y = save(x)[0]", "save"), kAsync) == "y = (await save(x))[0]");
    CHECK(fix_by_await(call_in("y = save(x).id", "save"), kAsync) == "y = (await save(x)).id");
    CHECK(fix_by_await(call_in("y = save(x) ** 2", "save"), kAsync) == "y = (await save(x)) ** 2");
    CHECK(fix_by_await(call_in("log(\"#\", save(x))", "save"), kAsync) == "log(\"#\", await save(x))");
    CHECK(fix_by_await({.line = {}, .position = {}, .callee = "a.save"}, kAsync) == "await a.save(...)");
}

TEST_CASE("a plain function is told what it can do") {
    CHECK(fix_by_await(call_in("save(x)", "save"), kPlain) ==
          "asyncio.run(save(x))  # or make handle() async and write: await save(x)");
    CHECK(fix_by_await(call_in("save(x)", "save"), kModule) == "asyncio.run(save(x))");
    CHECK(fix_by_await(call_in("if save(x):", "save"), kPlainInLoop) ==
          "make handle() async and write: if await save(x):");
    CHECK(
        fix_by_await(call_in("save(x)", "save"), kPlainInLoop) ==
        "task = asyncio.create_task(save(x))  # keep a reference to task; or make handle() async and write: "
        "await save(x)");
    CHECK(fix_by_task(call_in("f(save(x))", "save"), kPlain) == "asyncio.run(save(x))");
}

}  // namespace corotrace
