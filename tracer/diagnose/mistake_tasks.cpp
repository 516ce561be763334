// SPDX-License-Identifier: MIT
#include "tracer/diagnose/mistake_tasks.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace corotrace {

namespace {

constexpr std::string_view kKeep = "tasks.add(task); task.add_done_callback(tasks.discard)";

std::string_view strip(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// The statement without its comment, if it is one that only calls the function `name` of something, else
// empty.
std::string_view find_call(std::string_view statement, std::string_view name) {
    const auto open = statement.find('(');
    if (open == std::string_view::npos) return {};
    const std::string_view callee = statement.substr(0, open);
    const bool is_path = std::ranges::all_of(callee, [](char c) {
        return c == '.' || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
               (c >= 'A' && c <= 'Z');
    });
    if (!is_path || !(callee == name || callee.ends_with("." + std::string(name)))) return {};
    // The parenthesis that was opened first is closed last.
    int depth = 0;
    for (std::size_t i = open; i < statement.size(); ++i) {
        if (statement[i] == '(') ++depth;
        if (statement[i] != ')' || --depth > 0) continue;
        const auto rest = strip(statement.substr(i + 1));
        return rest.empty() || rest.starts_with('#') ? statement.substr(0, i + 1) : std::string_view();
    }
    return {};
}

std::string task_of(const Finding& finding) {
    const auto& name = finding.coroutine.qualname;
    return name ? "the task of " + *name + "()" : "the task";
}

// "task = asyncio.create_task(work(job))": the program's own line if it made the task in it. Null: not known.
std::optional<std::string> make_task(const Finding& finding, const SourceLines& sources) {
    if (finding.created.how == CreationSource::kUnknown || finding.created.frames.empty())
        return std::nullopt;
    const Frame& frame = finding.created.frames.back();
    const auto line = frame.line ? sources.find_line(frame.file, *frame.line) : std::nullopt;
    for (const std::string_view name : {"create_task", "ensure_future"}) {
        const auto call = line ? find_call(strip(*line), name) : std::string_view();
        if (!call.empty()) return "task = " + std::string(call);
    }
    return std::nullopt;
}

// The loop that the task belongs to, or some other, is being closed by the code that ran.
bool closes_loop(const Finding& finding) {
    if (!finding.dropped.frames) return false;
    return std::ranges::any_of(*finding.dropped.frames, [](const Frame& frame) {
        return frame.name == "close" && frame.file.find("/asyncio/") != std::string::npos;
    });
}

Mistake diagnose_pending(const Finding& finding, const SourceLines& sources) {
    const std::string task = task_of(finding);
    if (finding.dropped.cause == DropCause::kShutdown || closes_loop(finding)) {
        return {.id = "task_outlived_loop",
                .sentence = task + " was still pending when its event loop was closed or the program ended",
                .advice =
                    "before the loop is closed, cancel() the task and await it; asyncio.run() does both for "
                    "all tasks"};
    }
    Mistake mistake{.id = "task_not_kept",
                    .sentence = "nothing kept " + task +
                                " while it waited: an event loop refers to its tasks only weakly, so that a "
                                "task which nobody holds may vanish half-way",
                    .advice =
                        "keep it in a set that lives as long as the tasks do, or make it in an "
                        "asyncio.TaskGroup"};
    if (const auto made = make_task(finding, sources)) mistake.fix = *made + "; " + std::string(kKeep);
    return mistake;
}

Mistake diagnose_exception(const Finding& finding, const SourceLines& sources) {
    const std::string with = finding.lost_task->exception ? " with " + *finding.lost_task->exception : "";
    if (finding.kind == FindingKind::kFutureExceptionNeverRetrieved) {
        return {.id = "future_exception_ignored",
                .sentence = "a future failed" + with + ", and nothing awaited it or retrieved its exception",
                .advice = "await the future, or the gather() that made it, where its result is needed"};
    }
    return {.id = "task_exception_ignored",
            .sentence =
                task_of(finding) + " failed" + with + ", and nothing awaited it or retrieved its exception",
            .fix = make_task(finding, sources),
            .advice = "await the task where its result is needed, or create it in an asyncio.TaskGroup"};
}

}  // namespace

Mistake diagnose_lost_task(const Finding& finding, const SourceLines& sources) {
    return finding.kind == FindingKind::kTaskDestroyedPending ? diagnose_pending(finding, sources)
                                                              : diagnose_exception(finding, sources);
}

}  // namespace corotrace
