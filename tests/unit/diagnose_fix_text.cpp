// SPDX-License-Identifier: MIT
// The user's line with the call repaired, and when it is better left alone.
#include "tests/support/catch.hpp"
#include "tracer/diagnose/fix_text.hpp"

namespace corotrace::diagnose_fix_text_test {

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
    const auto fix = [](const std::string& line) {
        const Remedy remedy = remedy_by_await(call_in(line, "save"), kAsync);
        CHECK(remedy.advice.empty());
        return remedy.fix;
    };
    CHECK(fix("    save(x)  # now") == "await save(x)");
    CHECK(fix("    if not save(x):") == "if not await save(x):");
    CHECK(fix("y = save(x)[0]") == "y = (await save(x))[0]");
    CHECK(fix("y = save(x).id") == "y = (await save(x)).id");
    CHECK(fix("y = save(x) ** 2") == "y = (await save(x)) ** 2");
    CHECK(fix("log(\"#\", save(x))") == "log(\"#\", await save(x))");
}

TEST_CASE("an await in front of a chain is moved where the rest of it is plain") {
    const auto fix = [](const std::string& line) {
        CallText call = call_in(line, "save");
        const auto begin = line.find("save(x)");
        call.position = {
            .line = 1, .end_line = 1, .col = static_cast<int>(begin), .end_col = static_cast<int>(begin) + 7};
        return remedy_by_await(call, kAsync).fix;
    };
    CHECK(fix("y = await save(x)[0].id") == "y = (await save(x))[0].id");
    CHECK(fix("y = await save(x).strip()") == "y = (await save(x)).strip()");
    CHECK(fix("y = await save(x).scalars().all()") == "y = (await save(x)).scalars().all()");
    CHECK(fix("y = await save(x).data.decode()") == "y = (await save(x)).data.decode()");
    CHECK(fix("y = await save(x).json()") == "y = await (await save(x)).json()");
    CHECK(fix("y = await save(x)(1)") == "y = await (await save(x))(1)");
}

TEST_CASE("calls beside it are repaired with it") {
    CallText call = call_in("y = save(1) + save(save(2)).id", "save");
    CHECK_FALSE(remedy_by_await(call, kAsync).fix);
    call.others = {{}, {}};
    CHECK(remedy_by_await(call, kAsync).fix == "y = await save(1) + (await save(await save(2))).id");
    call.others = {{.line = 1, .end_line = 1, .col = 14, .end_col = 27}};
    call.position = {.line = 1, .end_line = 1, .col = 4, .end_col = 11};
    CHECK(remedy_by_await(call, kAsync).fix == "y = await save(1) + (await save(save(2))).id");
    CHECK(remedy_by_await(call, kPlain).fix == "y = asyncio.run(save(1)) + asyncio.run(save(save(2))).id");
    call.others.front().end_col = 99;  // not in the line
    CHECK(remedy_by_await(call, kAsync).fix == "y = await save(1) + save(save(2)).id");
}

TEST_CASE("a call that is to stand in the place of another one") {
    CallText call = call_in("return await to_thread(save(x))  # now", "save");
    call.position = {.line = 1, .end_line = 1, .col = 23, .end_col = 30};
    call.outer = Position{.line = 1, .end_line = 1, .col = 13, .end_col = 31};
    CHECK(remedy_by_await(call, kAsync).fix == "return await save(x)");
    call.outer->end_col = 99;
    CHECK(remedy_by_await(call, kAsync).fix == "return await to_thread(await save(x))");
}

TEST_CASE("a call that is put into a function") {
    const CallText call = call_in("timer = Timer(5, save(x))  # later", "save");
    CHECK(remedy_by_function(call, "lambda: asyncio.run(").fix ==
          "timer = Timer(5, lambda: asyncio.run(save(x)))");
    const Remedy remedy = remedy_by_function({.line = {}, .position = {}, .callee = "save"}, "lambda: f(");
    CHECK_FALSE(remedy.fix);
    CHECK(remedy.advice == "pass a function that makes it: lambda: f(save(...))");
}

TEST_CASE("a function that is made in a loop keeps what the loop's variables are then") {
    const std::vector<std::string> names = {"x", "item"};
    CHECK(bind_loop_names("lambda: f(", "save(x)", names) == "lambda x=x: f(");
    CHECK(bind_loop_names("lambda *args: f(", "save(x, item)", names) == "lambda *args, x=x, item=item: f(");
    CHECK(bind_loop_names("lambda: f(", "save(\"x\", a.x, y)", names) == "lambda: f(");
    CallText call = call_in("timer = Timer(5, save(x))", "save");
    call.loop_names = names;
    CHECK(remedy_by_function(call, "lambda: asyncio.run(").fix ==
          "timer = Timer(5, lambda x=x: asyncio.run(save(x)))");
}

TEST_CASE("of a statement of several lines the call alone is told") {
    CallText call = call_in("    save(x).id,", "save");
    call.is_statement = false;
    CHECK(remedy_by_await(call, kAsync).fix == "(await save(x))");
    CHECK(remedy_by_await(call, kPlain).fix == "asyncio.run(save(x))");
    CHECK_FALSE(remedy_by_await(call, kPlainInLoop).fix);
}

TEST_CASE("a call whose text is not known is no code to paste") {
    const CallText call{.line = {}, .position = {}, .callee = "a.save"};
    Remedy remedy = remedy_by_await(call, kAsync);
    CHECK_FALSE(remedy.fix);
    CHECK(remedy.advice == "write: await a.save(...)");
    remedy = remedy_by_await(call, kPlain);
    CHECK_FALSE(remedy.fix);
    CHECK(remedy.advice ==
          "write: asyncio.run(a.save(...)), or make handle() async and write: await a.save(...)");
    remedy = remedy_by_task(call, kAsync);
    CHECK_FALSE(remedy.fix);
    CHECK(remedy.advice == "write: task = asyncio.create_task(a.save(...)), and keep a reference to task");
}

TEST_CASE("a plain function is told what it can do") {
    Remedy remedy = remedy_by_await(call_in("save(x)", "save"), kPlain);
    CHECK(remedy.fix == "asyncio.run(save(x))");
    CHECK(remedy.advice == "make handle() async and write: await save(x)");
    remedy = remedy_by_await(call_in("save(x)", "save"), kModule);
    CHECK(remedy.fix == "asyncio.run(save(x))");
    CHECK(remedy.advice.empty());
    remedy = remedy_by_await(call_in("if save(x):", "save"), kPlainInLoop);
    CHECK_FALSE(remedy.fix);
    CHECK(remedy.advice == "make handle() async and write: if await save(x):");
    remedy = remedy_by_await(call_in("save(x)", "save"), kPlainInLoop);
    CHECK(remedy.fix == "task = asyncio.create_task(save(x))");
    CHECK(remedy.advice == "keep a reference to task, or make handle() async and write: await save(x)");
    CHECK(remedy_by_task(call_in("f(save(x))", "save"), kPlain).fix == "asyncio.run(save(x))");
}

TEST_CASE("a lambda cannot await") {
    const HolderText lambda{.function = "<lambda>", .may_await = false, .loop_running = true};
    const Remedy remedy = remedy_by_await(call_in("f(lambda: save(x))", "save"), lambda);
    CHECK_FALSE(remedy.fix);
    CHECK(remedy.advice == "await it in an async function: await save(x)");
}

TEST_CASE("what takes a generator takes no async one: a list is made instead") {
    const HolderText generator{.function = "<genexpr>", .may_await = false, .loop_running = true};
    const auto advised = [&](const std::string& line) {
        const Remedy remedy = remedy_by_await(call_in(line, "save"), generator);
        CHECK_FALSE(remedy.fix);
        return remedy.advice;
    };
    CHECK(advised("    return any(save(x).ok for x in xs)  # now") ==
          "await each in a list, in an async function: return any([(await save(x)).ok for x in xs])");
    CHECK(advised("n = min((save(x), x) for x in xs)") ==
          "await each in a list, in an async function: n = min([(await save(x), x) for x in xs])");
    CHECK(advised("rows = (save(x)[0] for x in xs)") ==
          "await each in a list, in an async function: rows = ([(await save(x))[0] for x in xs])");
    CHECK(advised("return any(save(x)") == "await each in a list, in an async function");
}

TEST_CASE("what Python itself calls is not made async, nor what cannot be") {
    const HolderText initializer{.function = "__init__", .may_await = false, .loop_running = true};
    Remedy remedy = remedy_by_await(call_in("self.connect()", "self.connect"), initializer);
    CHECK(remedy.fix == "task = asyncio.create_task(self.connect())");
    CHECK(remedy.advice ==
          "keep a reference to task, or await it in an async function: await self.connect()");
    remedy = remedy_by_await(call_in("yield from rows()", "rows"), kPlain);
    CHECK(remedy.fix == "yield from asyncio.run(rows())");
    CHECK(remedy.advice.empty());
    remedy = remedy_by_await(call_in("yield from rows()", "rows"), kPlainInLoop);
    CHECK_FALSE(remedy.fix);
    CHECK(remedy.advice == "await it in an async function: await rows()");
    remedy = remedy_by_await(call_in("@logged", "logged"), kAsync);
    CHECK_FALSE(remedy.fix);
    CHECK(remedy.advice == "make logged() a plain function: what decorates is called and not awaited");
}

TEST_CASE("a function is made plain on the line that defines it") {
    CHECK(plain_definition("    async def __len__(self):  # of rows") == "def __len__(self):");
    CHECK(plain_definition("async def __iter__(self): return self") == "def __iter__(self): return self");
    CHECK_FALSE(plain_definition("    @property"));
    CHECK_FALSE(plain_definition("    def __len__(self):"));
}

}  // namespace corotrace::diagnose_fix_text_test
