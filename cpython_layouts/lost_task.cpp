// SPDX-License-Identifier: MIT
#include "cpython_layouts/lost_task.hpp"

#include <string_view>

#include "cpython_layouts/dict.hpp"
#include "cpython_layouts/keep.hpp"
#include "cpython_layouts/objects.hpp"
#include "cpython_layouts/task.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMaxContextEntries = 8;

// What asyncio puts in, of which only this is used.
struct Context {
    std::string message;
    RemoteAddr task;
    RemoteAddr future;
    RemoteAddr exception;
};

Result<Context> read_context(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    CT_TRY(const auto items, read_dict(memory, layout, object, kMaxContextEntries));
    Context context;
    for (const DictEntry& entry : items.entries) {
        const auto text = read_str(memory, layout, entry.key, 16);
        if (!text) continue;
        // A view: g++ 12 takes comparing the string itself for a read of its uninitialised buffer.
        const std::string_view key(*text);
        if (key == "message") {
            CT_TRY(context.message, read_str(memory, layout, entry.value, 256));
        }
        if (key == "task") context.task = entry.value;
        if (key == "future") context.future = entry.value;
        if (key == "exception") context.exception = entry.value;
    }
    return context;
}

void read_exception(const RemoteMemory& memory, const Layout& layout, CodeCache& codes, RemoteAddr exception,
                    LostTaskReading& reading) {
    if (exception.is_null()) return;
    const auto type = read_type(memory, layout, exception);
    auto name = type ? read_full_type_name(memory, layout, *type) : Result<std::string>(type.error());
    reading.exception = keep(std::move(name), "type of the exception", reading.notes);
    reading.raised = keep(read_traceback(memory, layout, codes, exception), "traceback", reading.notes);
}

void read_task(const RemoteMemory& memory, const Layout& layout, CodeCache& codes, RemoteAddr task,
               LostTaskReading& reading) {
    const auto type = read_type(memory, layout, task);
    auto type_name = type ? read_full_type_name(memory, layout, *type) : Result<std::string>(type.error());
    reading.type = keep(std::move(type_name), "type of the task", reading.notes);
    const auto facts = keep(read_task_facts(memory, layout, task), "task", reading.notes);
    if (!facts || !*facts) return;
    if (reading.loss == TaskLoss::kFutureException) reading.loss = TaskLoss::kTaskException;
    reading.name = (*facts)->name;
    const RemoteAddr coroutine = (*facts)->coroutine;
    reading.coroutine =
        keep(read_coroutine_names(memory, layout, codes, coroutine), "coroutine", reading.notes);
    if (auto origin = keep(read_origin(memory, layout, coroutine), "origin", reading.notes)) {
        reading.origin = *std::move(origin);
    }
    if (reading.loss != TaskLoss::kDestroyedPending) return;
    reading.awaiting =
        keep(read_await_chain(memory, layout, codes, coroutine), "frames of the task", reading.notes);
}

}  // namespace

Result<std::optional<TaskLoss>> guess_loss(const RemoteMemory& memory, const Layout& layout,
                                           RemoteAddr key_or_type) {
    using Found = std::optional<TaskLoss>;
    CT_TRY(const auto flags, read_type_flags(memory, layout, key_or_type));
    if ((flags & kTypeFlagUnicode) != 0) {
        CT_TRY(const auto text, read_str(memory, layout, key_or_type, 16));
        const std::string_view key(text);
        // Tasks in Python are told of with 'message' there, and so may others be.
        return key == "task" ? Found(TaskLoss::kDestroyedPending) : Found();
    }
    if ((flags & kTypeFlagType) == 0) return Found();
    for (const auto& [name, loss] :
         {std::pair("StackSummary", TaskLoss::kDestroyedPending),
          std::pair("_asyncio.Task", TaskLoss::kTaskException), std::pair("Task", TaskLoss::kTaskException),
          std::pair("_asyncio.Future", TaskLoss::kFutureException),
          std::pair("Future", TaskLoss::kFutureException)}) {
        CT_TRY(const bool is_it, derives_from(memory, layout, key_or_type, name));
        if (is_it) return Found(loss);
    }
    return Found();
}

Result<std::optional<LostTaskReading>> read_lost_task(const RemoteMemory& memory, const Layout& layout,
                                                      CodeCache& codes, RemoteAddr context) {
    using Found = std::optional<LostTaskReading>;
    CT_TRY(const auto told, read_context(memory, layout, context));
    LostTaskReading reading;
    RemoteAddr task = told.task;
    if (told.message == "Task was destroyed but it is pending!" && !task.is_null()) {
        reading.loss = TaskLoss::kDestroyedPending;
    } else if (told.message.ends_with(" exception was never retrieved") && !told.future.is_null()) {
        reading.loss = TaskLoss::kFutureException;
        task = told.future;
    } else {
        return Found();
    }
    read_task(memory, layout, codes, task, reading);
    if (reading.loss != TaskLoss::kDestroyedPending) {
        read_exception(memory, layout, codes, told.exception, reading);
    }
    return Found(std::move(reading));
}

}  // namespace corotrace
