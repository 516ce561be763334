// SPDX-License-Identifier: MIT
#include "tracer/findings/mistakes.hpp"

#include <algorithm>
#include <iterator>

namespace corotrace {
namespace {

using enum MistakeLevel;

constexpr MistakeKind kKinds[] = {
    {"result_discarded", "The statement throws the coroutine away",
     "Calling an async function only makes a coroutine; its body runs when the coroutine is awaited. Write "
     "await "
     "before the call, or give it to a task."},
    {"awaited_result_discarded", "What was awaited gave back another coroutine",
     "The function that was awaited returns a coroutine instead of awaiting it. Await it there, or await the "
     "result too."},
    {"returned_and_dropped", "A plain function returns the coroutine, and its caller throws it away",
     "A plain function that calls an async one hands on a coroutine. Its caller has to await it, or the "
     "function "
     "has to become async and await."},
    {"tested_for_truth", "A coroutine is tested for truth, which it always is",
     "The test always goes the same way, whatever the function would have returned: a check of access lets "
     "everybody in. Await the call inside the test."},
    {"compared", "A coroutine is compared instead of its result",
     "A coroutine equals nothing but itself. Await the call before it is compared."},
    {"formatted", "A coroutine is put into a text instead of its result",
     "The text shows <coroutine object ...>. Await the call before it is formatted."},
    {"used_as_value", "A coroutine is used as if it were its result",
     "An attribute, an item or an operation of the result was wanted, and the coroutine has none. Await the "
     "call "
     "first."},
    {"passed_to_function", "A coroutine is passed to a function that does not await it",
     "Await the call and pass its result, or pass it to something that takes coroutines."},
    {"passed_as_callback", "A coroutine is passed where a function to call is expected",
     "Thread(target=save(x)) calls save at once and hands over a coroutine. Pass a plain function, or make a "
     "task."},
    {"async_callback", "An async function is registered where a plain one is called back",
     "Whoever calls back does not await: each call makes a coroutine that is thrown away. Register a plain "
     "function that makes a task, or use the library's way for async functions."},
    {"given_to_executor", "An async function is given to an executor, which runs plain functions",
     "The thread of the executor makes the coroutine and nobody runs it. Await it in the event loop, or give "
     "the "
     "executor a plain function."},
    {"assigned_never_used", "A variable held the coroutine, and nothing awaited it",
     "Await it, or make a task of it, before the variable is replaced, deleted, or ends with its function.",
     kWarning},
    {"kept_in_container", "A container or an attribute held the coroutine, and nothing awaited it",
     "Await what is collected, for example with asyncio.gather(*coroutines), before it is thrown away or "
     "replaced.",
     kWarning},
    {"kept_in_cycle", "Objects that refer to each other held the coroutine until the collector found them",
     "The function in which the collector ran is not to blame. Look at where the coroutine was made.",
     kWarning},
    {"held_by_mock", "A mock was given the coroutine and kept it",
     "As return_value or side_effect, or as an argument of what a test patched. Give the mock the result "
     "itself; "
     "AsyncMock makes a coroutine at each call.",
     kWarning},
    {"held_at_thread_exit", "The coroutine was held until its thread ended",
     "A thread-local variable held it, say. Await it before the thread ends.", kWarning},
    {"held_at_exit", "The coroutine was held until the interpreter shut down",
     "A global variable or an object that lived to the end held it. Await it before, or close() it if it is "
     "not "
     "needed.",
     kWarning},
    {"no_running_loop", "There was no event loop to take the coroutine",
     "create_task() and the like need a running loop. Call them from an async function, or start with "
     "asyncio.run()."},
    {"loop_already_running", "A new event loop was to run the coroutine where one runs already",
     "asyncio.run() and run_until_complete() cannot be used inside a running loop. Await the coroutine."},
    {"never_scheduled", "What was to schedule the coroutine failed first",
     "The coroutine was made, and the call that should have taken it raised. Look at that call's arguments "
     "and "
     "exception."},
    {"exception_before_await", "An exception came between the creation of the coroutine and its await",
     "Make the coroutine where it is awaited, behind what may raise.", kWarning},
    {"mock_not_awaited", "A mock made the coroutine",
     "An AsyncMock stands where the program calls a plain function, or the test's subject forgets an await. "
     "Use "
     "Mock for plain functions.",
     kWarning},
    {"async_test_not_run", "An async test was called, and not awaited",
     "The test runner knows nothing of async tests: the test passes without having run. Use "
     "unittest.IsolatedAsyncioTestCase or a plugin."},
    {"async_special_method", "A special method that Python calls plainly is async",
     "Python does not await __init__, __len__, __eq__ and the like. Make it a plain method, and do the async "
     "part "
     "in one of its own."},
    {"async_generator_method", "A method of an async generator was called, and not awaited",
     "asend(), athrow() and aclose() do nothing before they are awaited."},
    {"task_not_kept", "Nothing kept the task, and it was destroyed while pending",
     "The event loop keeps only weak references to its tasks. Keep the task in a variable or a set until it "
     "is "
     "done."},
    {"task_outlived_loop", "The task was pending when its event loop was closed",
     "Await or cancel tasks before the loop ends; asyncio.run() cancels what is left.", kWarning},
    {"task_exception_ignored", "The task failed, and nobody retrieved its exception",
     "Await the task, or ask it for its exception in a callback."},
    {"future_exception_ignored", "The future failed, and nobody retrieved its exception",
     "Await the future, or ask it for its exception in a callback."},
    {"unknown", "The code does not show what was meant",
     "Nothing awaited the coroutine. Look at where it was made and at where it was dropped.", kNote},
};

}  // namespace

std::span<const MistakeKind> mistake_kinds() {
    return kKinds;
}

const MistakeKind* find_mistake_kind(std::string_view id) {
    const auto* found = std::ranges::find(kKinds, id, &MistakeKind::id);
    return found == std::end(kKinds) ? nullptr : found;
}

}  // namespace corotrace
