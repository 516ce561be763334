// SPDX-License-Identifier: MIT
// Mistakes that are known without looking at the user's code: by the coroutine, and by the library function
// that was left with it. Sources: Lib/ of CPython 3.8 to 3.15.
#include <algorithm>
#include <array>

#include "tracer/diagnose/code_text.hpp"
#include "tracer/diagnose/mistake_rules.hpp"

namespace corotrace {

namespace {

// Special methods whose result the interpreter itself uses, so that nobody can await it. Those that a program
// may well await (__call__, __getitem__, operators) are not among them.
constexpr std::array<std::string_view, 71> kSpecial = {"__init__",
                                                       "__new__",
                                                       "__del__",
                                                       "__enter__",
                                                       "__exit__",
                                                       "__bool__",
                                                       "__len__",
                                                       "__str__",
                                                       "__repr__",
                                                       "__format__",
                                                       "__hash__",
                                                       "__eq__",
                                                       "__ne__",
                                                       "__lt__",
                                                       "__le__",
                                                       "__gt__",
                                                       "__ge__",
                                                       "__contains__",
                                                       "__iter__",
                                                       "__setattr__",
                                                       "__delattr__",
                                                       "__setitem__",
                                                       "__delitem__",
                                                       "__aiter__",
                                                       "__next__",
                                                       "__reversed__",
                                                       "__int__",
                                                       "__float__",
                                                       "__index__",
                                                       "__bytes__",
                                                       "__fspath__",
                                                       "__init_subclass__",
                                                       "__set__",
                                                       "__delete__",
                                                       "__set_name__",
                                                       "__post_init__",
                                                       "__await__",
                                                       "__complex__",
                                                       "__length_hint__",
                                                       "__dir__",
                                                       "__sizeof__",
                                                       "__reduce__",
                                                       "__reduce_ex__",
                                                       "__getstate__",
                                                       "__setstate__",
                                                       "__getnewargs__",
                                                       "__getnewargs_ex__",
                                                       "__instancecheck__",
                                                       "__subclasscheck__",
                                                       "__subclasshook__",
                                                       "__prepare__",
                                                       "__mro_entries__",
                                                       "__iadd__",
                                                       "__isub__",
                                                       "__imul__",
                                                       "__imatmul__",
                                                       "__itruediv__",
                                                       "__ifloordiv__",
                                                       "__imod__",
                                                       "__ipow__",
                                                       "__ilshift__",
                                                       "__irshift__",
                                                       "__iand__",
                                                       "__ixor__",
                                                       "__ior__",
                                                       "__round__",
                                                       "__trunc__",
                                                       "__floor__",
                                                       "__ceil__",
                                                       "__copy__",
                                                       "__deepcopy__"};

// A program may await what these give: await (a + b).
constexpr std::array<std::string_view, 19> kOperators = {
    "add",    "sub", "mul", "matmul", "truediv", "floordiv", "mod", "divmod", "pow",    "lshift",
    "rshift", "and", "or",  "xor",    "neg",     "pos",      "abs", "invert", "missing"};

std::string type_of_argument(const Finding& finding, std::size_t index) {
    const auto& arguments = finding.coroutine.arguments;
    return arguments && index < arguments->size() ? (*arguments)[index].type.value_or("") : "";
}

std::optional<Verdict> judge_agen_method(const Scene& scene) {
    std::string method;
    switch (scene.finding.kind) {
        case FindingKind::kCoroutine:
        case FindingKind::kTaskDestroyedPending:
        case FindingKind::kTaskExceptionNeverRetrieved:
        case FindingKind::kFutureExceptionNeverRetrieved:
            return std::nullopt;
        case FindingKind::kAsyncGenAsend:
            method = "asend";
            break;
        case FindingKind::kAsyncGenAthrow:
            method = "athrow";
            break;
        case FindingKind::kAsyncGenAclose:
            method = "aclose";
            break;
    }
    return Verdict{.id = "async_generator_method",
                   .sentence = method + "() of an async generator does nothing until it is awaited",
                   .call = {},
                   .advice = "await the " + method + "() call, or iterate with: async for"};
}

// A library function, and what it means that a coroutine was dropped in it.
struct Place {
    std::string_view file;  // its end
    std::string_view function;
    Op op;                       // kUnknown: any
    std::string_view coroutine;  // how its name begins
    std::string_view id;
    std::string_view sentence;
    std::string_view advice;
    std::string_view attribute = {};  // that was set or deleted; empty: any, or none
};

constexpr std::string_view kUnknownId = "unknown";

constexpr std::array<Place, 21> kPlaces = {{
    {"unittest/case.py", "_callTestMethod", Op::kUnknown, "test", "async_test_not_run",
     "unittest called an async test method and did not await it: the test passed without running",
     "derive the class from unittest.IsolatedAsyncioTestCase"},
    {"unittest/case.py", "run", Op::kCall, "test", "async_test_not_run",
     "unittest called an async test method and did not await it: the test passed without running",
     "derive the class from unittest.IsolatedAsyncioTestCase"},
    {"unittest/case.py", "_callSetUp", Op::kUnknown, "setUp", "async_test_not_run",
     "unittest called an async setUp and did not await it: it did not run",
     "derive the class from unittest.IsolatedAsyncioTestCase, and rename it asyncSetUp"},
    {"unittest/case.py", "_callTearDown", Op::kUnknown, "tearDown", "async_test_not_run",
     "unittest called an async tearDown and did not await it: it did not run",
     "derive the class from unittest.IsolatedAsyncioTestCase, and rename it asyncTearDown"},
    {"unittest/async_case.py", "_callSetUp", Op::kUnknown, "setUp", "async_test_not_run",
     "unittest called an async setUp and did not await it: it did not run", "rename it asyncSetUp"},
    {"unittest/async_case.py", "_callTearDown", Op::kUnknown, "tearDown", "async_test_not_run",
     "unittest called an async tearDown and did not await it: it did not run", "rename it asyncTearDown"},
    {"_pytest/python.py", "", Op::kUnknown, "", "async_test_not_run",
     "pytest called an async test and did not await it: the test did not run",
     "install pytest-asyncio or anyio, and mark the test"},
    {"/threading.py", "run", Op::kPopTop, "", "async_callback",
     "a thread called an async function, which only makes a coroutine",
     "let the thread run it: threading.Thread(target=asyncio.run, args=(...,))"},
    {"/threading.py", "run", Op::kDeleteAttr, "", "passed_as_callback",
     "the coroutine was given to a thread as the function to call",
     "let the thread run it: threading.Thread(target=asyncio.run, args=(...,))"},
    {"/asyncio/events.py", "_run", Op::kPopTop, "", "async_callback",
     "the event loop called an async function as a plain callback, and did not await what it made",
     "register lambda: asyncio.ensure_future(...), or await it where the callback is registered"},
    {"/asyncio/events.py", "cancel", Op::kStoreAttr, "", "passed_as_callback",
     "the coroutine was given to the event loop as the function to call, and that was cancelled",
     "pass a plain function: lambda: asyncio.ensure_future(...)", "_callback"},
    {"/asyncio/events.py", "cancel", Op::kStoreAttr, "", "never_scheduled",
     "the coroutine was made when a timer or callback of the event loop was set, and that was cancelled "
     "before "
     "it came to it",
     "create the coroutine when its time has come: loop.call_later(5, lambda: asyncio.create_task(...))",
     "_args"},
    {"concurrent/futures/thread.py", "_worker", Op::kUnknown, "", "given_to_executor",
     "an executor was given the coroutine, which is no function, or its async function, which only makes one",
     "await it, or hand it to the loop: asyncio.run_coroutine_threadsafe(...)"},
    {"concurrent/futures/thread.py", "run", Op::kUnknown, "", "given_to_executor",
     "an executor was given the coroutine, which is no function, or its async function, which only makes one",
     "await it, or hand it to the loop: asyncio.run_coroutine_threadsafe(...)"},
    {"/sched.py", "run", Op::kPopTop, "", "async_callback",
     "the scheduler called an async function as a plain one",
     "pass a plain function: lambda: asyncio.run(...)"},
    {"/contextlib.py", "_exit_wrapper", Op::kPopTop, "", "async_callback",
     "an exit stack called an async function as a plain callback", "use contextlib.AsyncExitStack"},
    {"/asyncio/base_events.py", "close", Op::kCall, "", "never_scheduled",
     "the event loop was closed while the coroutine still waited in it to be called or scheduled",
     "run the loop until it is done; what call_soon() and call_later() are given has to be a function"},
    {"/asyncio/base_events.py", "_run_once", Op::kStoreFast, "", kUnknownId,
     "the event loop let go of its last callback, and that held the coroutine: as an argument, or as what a "
     "function gave back that an executor or a thread ran",
     "give run_in_executor() and to_thread() plain functions, and await async ones in the loop", "handle"},
    {"/asyncio/unix_events.py", "_handle_signal", Op::kPopTop, "", "async_callback",
     "a signal handler of the event loop has to be a plain function",
     "register a plain function: loop.add_signal_handler(number, lambda: asyncio.ensure_future(...))"},
    {"/weakref.py", "__call__", Op::kReturn, "", "async_callback",
     "a finalizer called an async function, which only makes a coroutine", "pass a plain function"},
    {"/weakref.py", "__call__", Op::kPopTop, "", "async_callback",
     "a finalizer called an async function, which only makes a coroutine", "pass a plain function"},
}};

}  // namespace

std::optional<Verdict> judge_coroutine(const Scene& scene) {
    if (auto verdict = judge_agen_method(scene)) return verdict;
    const std::string file = scene.finding.coroutine.file.value_or("");
    if (scene.names.code_name == "_execute_mock_call" && file.ends_with("unittest/mock.py")) {
        return Verdict{.id = "mock_not_awaited",
                       .sentence =
                           "an AsyncMock was called and its result not awaited: real code would have "
                           "done nothing here",
                       .repair = Repair::kAwait,
                       .call = {},
                       .advice = "await the call, or use Mock where the real function is not async"};
    }
    if (std::ranges::find(kSpecial, scene.names.code_name) != kSpecial.end()) {
        return Verdict{.id = "async_special_method",
                       .sentence = scene.names.code_name +
                                   " is called by Python itself, which cannot await it: its body never runs",
                       .repair = Repair::kPlain,
                       .call = {},
                       .advice = "make it a plain function, and move what it awaits elsewhere"};
    }
    // Python calls a signal handler between any two instructions, so the frame has nothing to do with it.
    if (type_of_argument(scene.finding, 1) == "frame" && type_of_argument(scene.finding, 0) == "int") {
        return Verdict{.id = "async_callback",
                       .sentence = "Python called the async function " + scene.coroutine() +
                                   " as a signal handler and cannot await it",
                       .call = {},
                       .advice =
                           "register a plain function: loop.add_signal_handler(number, lambda: "
                           "asyncio.ensure_future(...))"};
    }
    return std::nullopt;
}

std::optional<Verdict> judge_operator(const Scene& scene) {
    std::string_view name = scene.names.code_name;
    if (name.size() < 5 || !name.starts_with("__") || !name.ends_with("__")) return std::nullopt;
    name = name.substr(2, name.size() - 4);
    const bool known =
        is_one_of(name, kOperators) || (name.starts_with('r') && is_one_of(name.substr(1), kOperators));
    if (!known) return std::nullopt;
    return Verdict{
        .id = "async_special_method",
        .sentence = scene.names.code_name +
                    " is called by an operator, which gives on the coroutine as if it were the result",
        .repair = Repair::kPlain,
        .call = {},
        .advice = "make it a plain function, or await what the operator gives: await (a + b)"};
}

std::optional<Verdict> judge_place(const Scene& scene, bool last) {
    if (scene.site.frames.empty()) return std::nullopt;
    const SiteFrame& frame = scene.site.frames.front();
    const SiteCode code(scene.layout, frame, scene.names);
    const Op op = code.current() ? code.at(*code.current()).op : Op::kUnknown;
    for (const Place& place : kPlaces) {
        if (last != (place.id == kUnknownId) || !frame.code->filename.ends_with(place.file)) continue;
        if (!place.function.empty() && frame.code->name != place.function) continue;
        if (place.op != Op::kUnknown && place.op != op) continue;
        if (!scene.names.code_name.starts_with(place.coroutine)) continue;
        if (!place.attribute.empty() && code.name_of(*code.current()) != place.attribute) continue;
        return Verdict{.id = std::string(place.id),
                       .sentence = std::string(place.sentence),
                       .call = {},
                       .advice = std::string(place.advice),
                       .thrown_away = place.op == Op::kPopTop && place.function != "_exit_wrapper"};
    }
    return std::nullopt;
}

}  // namespace corotrace
