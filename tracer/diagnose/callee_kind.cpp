// SPDX-License-Identifier: MIT
#include "tracer/diagnose/callee_kind.hpp"

#include <algorithm>
#include <array>

#include "tracer/diagnose/code_text.hpp"

namespace corotrace {

namespace {

struct NamedCallee {
    std::string_view name;
    CalleeKind kind;
};

// By the last part of the name under which a function is called.
constexpr std::array<NamedCallee, 33> kCallees = {{
    {"str", CalleeKind::kFormats},
    {"repr", CalleeKind::kFormats},
    {"ascii", CalleeKind::kFormats},
    {"format", CalleeKind::kFormats},
    {"bool", CalleeKind::kTests},
    {"all", CalleeKind::kTests},
    {"any", CalleeKind::kTests},
    {"int", CalleeKind::kUses},
    {"float", CalleeKind::kUses},
    {"len", CalleeKind::kUses},
    {"list", CalleeKind::kUses},
    {"tuple", CalleeKind::kUses},
    {"set", CalleeKind::kUses},
    {"dict", CalleeKind::kUses},
    {"sum", CalleeKind::kUses},
    {"sorted", CalleeKind::kUses},
    {"min", CalleeKind::kUses},
    {"max", CalleeKind::kUses},
    {"iter", CalleeKind::kUses},
    {"next", CalleeKind::kUses},
    {"enumerate", CalleeKind::kUses},
    {"gather", CalleeKind::kSchedules},
    {"wait", CalleeKind::kSchedules},
    {"wait_for", CalleeKind::kSchedules},
    {"shield", CalleeKind::kSchedules},
    {"create_task", CalleeKind::kSchedules},
    {"ensure_future", CalleeKind::kSchedules},
    {"Task", CalleeKind::kSchedules},
    {"run", CalleeKind::kSchedules},
    {"run_until_complete", CalleeKind::kSchedules},
    {"run_coroutine_threadsafe", CalleeKind::kSchedules},
    {"as_completed", CalleeKind::kSchedules},
    {"start_soon", CalleeKind::kSchedules},
}};

// A thread of its own, or the program's end, has no loop that runs; what a loop calls has one.
constexpr std::string_view kRunApart = "lambda: asyncio.run(";
constexpr std::string_view kRunOfAny = "lambda *args: asyncio.run(";
constexpr std::string_view kStart = "lambda: asyncio.ensure_future(";
constexpr std::string_view kStartOfAny = "lambda *args: asyncio.ensure_future(";

constexpr std::array<CallbackTaker, 22> kCallbackTakers = {{
    {.name = "Thread", .position = 1, .keyword = "target", .lambda = kRunApart},
    {.name = "Timer", .position = 1, .keyword = "function", .lambda = kRunApart},
    {.name = "Process", .position = 1, .keyword = "target", .lambda = kRunApart},
    {.name = "submit", .lambda = kRunApart},
    {.name = "run_in_executor", .position = 1, .keyword = "func", .lambda = kRunApart},
    {.name = "to_thread", .keyword = "func", .lambda = kRunApart},
    {.name = "start_new_thread", .lambda = kRunApart},
    {.name = "call_soon", .keyword = "callback", .lambda = kStart},
    {.name = "call_soon_threadsafe", .keyword = "callback", .lambda = kStart},
    {.name = "call_later", .position = 1, .keyword = "callback", .lambda = kStart},
    {.name = "call_at", .position = 1, .keyword = "callback", .lambda = kStart},
    {.name = "add_done_callback", .lambda = kStartOfAny},
    {.name = "add_signal_handler", .position = 1, .keyword = "callback", .lambda = kStart},
    {.name = "add_reader", .position = 1, .keyword = "callback", .lambda = kStart},
    {.name = "add_writer", .position = 1, .keyword = "callback", .lambda = kStart},
    {.name = "register", .lambda = kRunApart},
    {.name = "finalize", .position = 1, .keyword = "func", .lambda = kRunApart, .in_loop = kStart},
    {.name = "signal", .position = 1, .lambda = kRunOfAny, .in_loop = kStartOfAny},
    {.name = "callback", .lambda = kRunApart, .in_loop = kStart},
    {.name = "partial"},
    {.name = "map"},
    {.name = "filter"},
}};

std::string_view last_name(std::string_view callee) {
    return callee.substr(callee.rfind('.') + 1);
}

// subprocess.run(), process.wait(), query.filter() only bear the name of what is meant in kCallees.
bool is_method_of_another(std::string_view owner, std::string_view name) {
    constexpr std::array<std::string_view, 4> kBuiltins = {"all", "any", "bool", "filter"};
    if (is_one_of(name, kBuiltins)) return owner != "builtins";
    if (name == "wait" || name == "Task") return owner != "asyncio";
    if (name != "run") return false;
    constexpr std::array<std::string_view, 6> kRunning = {"asyncio", "anyio",  "trio",
                                                          "runner",  "Runner", "loop"};
    return std::ranges::none_of(
        kRunning, [&](std::string_view part) { return owner.find(part) != std::string_view::npos; });
}

}  // namespace

CalleeKind kind_of_callee(std::string_view callee) {
    const std::string_view name = last_name(callee);
    const bool method = name.size() != callee.size();
    if (method && is_method_of_another(callee.substr(0, callee.size() - name.size() - 1), name))
        return CalleeKind::kPlain;
    if (find_callback_taker(callee) != nullptr) return CalleeKind::kCallsBack;
    if (!method && name == "Task") return CalleeKind::kPlain;
    const auto* found = std::ranges::find(kCallees, name, &NamedCallee::name);
    return found == kCallees.end() ? CalleeKind::kPlain : found->kind;
}

const CallbackTaker* find_callback_taker(std::string_view callee) {
    const std::string_view name = last_name(callee);
    // A variable of that name is a function that is called back.
    if (callee == "callback") return nullptr;
    const auto* found = std::ranges::find(kCallbackTakers, name, &CallbackTaker::name);
    return found == kCallbackTakers.end() ? nullptr : found;
}

bool takes_futures(std::string_view callee) {
    return callee.ends_with("futures.wait") || callee.ends_with("futures.as_completed");
}

bool names_function(std::string_view variable) {
    constexpr std::array<std::string_view, 12> kNames = {"func",     "function", "callback", "target",
                                                         "fn",       "handler",  "hook",     "job",
                                                         "listener", "receiver", "action",   "call"};
    variable.remove_prefix(std::min(variable.find_first_not_of('_'), variable.size()));
    return is_one_of(variable, kNames);
}

bool registers_functions(std::string_view name, bool loosely) {
    constexpr std::array<std::string_view, 7> kNames = {"do",        "add_event", "add_task",      "add_job",
                                                        "subscribe", "Depends",   "BackgroundTask"};
    constexpr std::array<std::string_view, 3> kVerbs = {"add_", "set_", "register"};
    constexpr std::array<std::string_view, 4> kParts = {"listener", "callback", "handler", "hook"};
    constexpr std::array<std::string_view, 5> kLoosely = {"on", "once", "connect", "schedule", "bind"};
    constexpr std::array<std::string_view, 4> kLooseParts = {"listen", "register", "add_job", "subscribe"};
    const auto has = [&](std::string_view part) { return name.find(part) != std::string_view::npos; };
    const auto begins = [&](std::string_view verb) { return name.starts_with(verb); };
    if (kind_of_callee(name) == CalleeKind::kCallsBack || is_one_of(name, kNames)) return true;
    if (std::ranges::any_of(kParts, has) && (loosely || std::ranges::any_of(kVerbs, begins))) return true;
    return loosely &&
           (is_one_of(name, kLoosely) || name.starts_with("on_") || std::ranges::any_of(kLooseParts, has));
}

}  // namespace corotrace
