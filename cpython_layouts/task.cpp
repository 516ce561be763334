// SPDX-License-Identifier: MIT
#include "cpython_layouts/task.hpp"

#include <algorithm>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/dict.hpp"
#include "cpython_layouts/integer.hpp"
#include "cpython_layouts/objects.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMaxLoops = 64;
constexpr unsigned kRetry = 64;  // stops after which asyncio is looked for again where it was not imported

// A name that nobody asked for is still the number from which it will be made, from 3.12 on.
// Source: Modules/_asynciomodule.c, _asyncio_Task_get_name_impl.
std::optional<std::string> read_name(const RemoteMemory& memory, const Layout& layout, RemoteAddr task) {
    const auto name = memory.read_pointer(at(task, layout.task.name));
    if (!name || name->is_null()) return std::nullopt;
    const auto flags = read_type_flags(memory, layout, *name);
    if (!flags) return std::nullopt;
    if ((*flags & kTypeFlagUnicode) != 0) {
        auto text = read_str(memory, layout, *name);
        return text ? std::optional(std::move(text).value()) : std::nullopt;
    }
    if ((*flags & kTypeFlagInt) == 0) return std::nullopt;
    const auto number = read_int(memory, layout, *name);
    return number ? std::optional("Task-" + std::to_string(*number)) : std::nullopt;
}

// An instance of _asyncio.Task or of a class derived from it. Null: it runs nothing.
std::optional<RunningTask> read_task(const RemoteMemory& memory, const Layout& layout, RemoteAddr address) {
    const auto coroutine = memory.read_pointer(at(address, layout.task.coroutine));
    if (!coroutine || coroutine->is_null()) return std::nullopt;
    const auto type = read_type_name_of(memory, layout, *coroutine);
    if (!type || (*type != "coroutine" && *type != "generator")) return std::nullopt;
    return RunningTask{address, *coroutine, read_name(memory, layout, address)};
}

// Null: it has ended, up to 3.10.
RemoteAddr frame_of(const RemoteMemory& memory, const Layout& layout, RemoteAddr coroutine) {
    if (layout.frame_rule != FrameRule::kFrameObjects) return at(coroutine, layout.coroutine.iframe);
    return memory.read_pointer(at(coroutine, layout.coroutine.frame)).value_or(RemoteAddr{});
}

// An instance of asyncio.tasks.Task in Python, or what has the same attributes.
std::optional<RunningTask> read_task_in_python(const RemoteMemory& memory, const Layout& layout,
                                               RemoteAddr address) {
    const auto coroutine = find_instance_attribute(memory, layout, address, "_coro");
    if (!coroutine) return std::nullopt;
    const auto type = read_type_name_of(memory, layout, *coroutine);
    if (!type || (*type != "coroutine" && *type != "generator")) return std::nullopt;
    const auto name = find_instance_attribute(memory, layout, address, "_name");
    const auto text = name ? read_str(memory, layout, *name) : Result<std::string>(name.error());
    return RunningTask{address, *coroutine, text ? std::optional(*text) : std::nullopt};
}

bool is_on(const RawStack& stack, RemoteAddr frame) {
    return std::ranges::find(stack.frames, frame, &RawFrame::address) != stack.frames.end();
}

bool runs_loop(const RawStack& stack) {
    return std::ranges::any_of(stack.frames, [](const RawFrame& frame) {
        return frame.code->name == "_run_once" && frame.code->filename.ends_with("/asyncio/base_events.py");
    });
}

}  // namespace

Result<std::optional<RunningTask>> read_task_facts(const RemoteMemory& memory, const Layout& layout,
                                                   RemoteAddr task) {
    using Found = std::optional<RunningTask>;
    CT_TRY(const auto type, read_type(memory, layout, task));
    CT_TRY(const bool is_task, derives_from(memory, layout, type, "_asyncio.Task"));
    if (is_task) return read_task(memory, layout, task);
    CT_TRY(const bool may_be_task, derives_from(memory, layout, type, "Task"));
    return may_be_task ? read_task_in_python(memory, layout, task) : Found();
}

// Source: FutureObj_HEAD in Modules/_asynciomodule.c, with which a task begins too; Future.exception() in
// Lib/asyncio/futures.py.
RemoteAddr read_unasked_exception(const RemoteMemory& memory, const Layout& layout, RemoteAddr future,
                                  bool is_in_c) {
    RemoteAddr exception;
    if (is_in_c) {
        if (layout.task.log_traceback == kAbsent) return {};
        const auto waits = memory.read_as<std::uint8_t>(at(future, layout.task.log_traceback));
        if (!waits || (*waits & 1U) == 0) return {};
        exception = memory.read_pointer(at(future, layout.task.exception)).value_or(RemoteAddr{});
    } else {
        const auto waits = find_instance_attribute(memory, layout, future, "_Future__log_traceback");
        if (!waits || read_int(memory, layout, *waits).value_or(0) == 0) return {};
        exception = find_instance_attribute(memory, layout, future, "_exception").value_or(RemoteAddr{});
    }
    if (exception.is_null()) return exception;
    const auto name = read_type_name_of(memory, layout, exception);
    return name && *name != "NoneType" ? exception : RemoteAddr{};
}

RemoteAddr TaskFinder::find_current_tasks(const RemoteMemory& memory, const Layout& layout,
                                          RemoteAddr interpreter) {
    auto known = std::ranges::find(known_, interpreter, &Known::interpreter);
    if (known == known_.end()) known = known_.insert(known_.end(), Known{interpreter, {}, 0});
    if (!known->current_tasks.is_null() || known->uses++ % kRetry != 0) return known->current_tasks;
    const auto dict = find_module_attribute(memory, layout, interpreter, "asyncio.tasks", "_current_tasks");
    if (dict) known->current_tasks = *dict;
    return known->current_tasks;
}

Result<std::optional<RunningTask>> TaskFinder::find(const RemoteMemory& memory, const Layout& layout,
                                                    const ThreadState& thread, const RawStack& stack) {
    using Found = std::optional<RunningTask>;
    if (layout.task.coroutine == kAbsent || stack.frames.empty()) return Found();
    if (layout.thread_state.running_task != kAbsent) {
        CT_TRY(const auto task, memory.read_pointer(at(thread.address, layout.thread_state.running_task)));
        return task.is_null() ? Found() : read_task_facts(memory, layout, task);
    }
    const RemoteAddr dict = find_current_tasks(memory, layout, thread.interpreter);
    if (dict.is_null()) return Found();
    CT_TRY(const auto tasks, read_dict(memory, layout, dict, kMaxLoops));
    Found ended;
    for (const DictEntry& entry : tasks.entries) {
        auto task = read_task_facts(memory, layout, entry.value);
        if (!task || !*task) continue;
        const RemoteAddr frame = frame_of(memory, layout, (*task)->coroutine);
        if (is_on(stack, frame)) return *std::move(task);
        ended = *std::move(task);
    }
    // Its coroutine is on no stack when it has just ended. Other threads may run loops, too.
    return tasks.length == 1 && runs_loop(stack) ? ended : Found();
}

}  // namespace corotrace
