// SPDX-License-Identifier: MIT
// Mistakes at a call: what was passed to it, what it was to be passed to, and what an exception took with it.
#include <algorithm>
#include <array>

#include "tracer/diagnose/mistake_rules.hpp"

namespace corotrace {

namespace {

using Index = SiteCode::Index;

struct NamedCallee {
    std::string_view name;
    CalleeKind kind;
};

// By the last part of the name under which a function is called.
constexpr std::array<NamedCallee, 50> kCallees = {{
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
    {"run", CalleeKind::kSchedules},
    {"run_until_complete", CalleeKind::kSchedules},
    {"run_coroutine_threadsafe", CalleeKind::kSchedules},
    {"as_completed", CalleeKind::kSchedules},
    {"start_soon", CalleeKind::kSchedules},
    {"Thread", CalleeKind::kCallsBack},
    {"Timer", CalleeKind::kCallsBack},
    {"Process", CalleeKind::kCallsBack},
    {"submit", CalleeKind::kCallsBack},
    {"run_in_executor", CalleeKind::kCallsBack},
    {"to_thread", CalleeKind::kCallsBack},
    {"start_new_thread", CalleeKind::kCallsBack},
    {"call_soon", CalleeKind::kCallsBack},
    {"call_soon_threadsafe", CalleeKind::kCallsBack},
    {"call_later", CalleeKind::kCallsBack},
    {"call_at", CalleeKind::kCallsBack},
    {"add_done_callback", CalleeKind::kCallsBack},
    {"add_signal_handler", CalleeKind::kCallsBack},
    {"add_reader", CalleeKind::kCallsBack},
    {"register", CalleeKind::kCallsBack},
    {"signal", CalleeKind::kCallsBack},
    {"map", CalleeKind::kCallsBack},
    {"filter", CalleeKind::kCallsBack},
}};

std::string name_call(const SiteCode& code, Index call) {
    return code.describe_callee(call) + "()";
}

// Which argument was the coroutine. Null: none, or not known.
const CallArgument* find_passed(const SiteCode& code, const std::vector<CallArgument>& arguments) {
    const CallArgument* by_name = nullptr;
    for (const CallArgument& argument : arguments) {
        const auto held = code.held_at(argument.depth);
        if (held.value_or(false)) return &argument;
        if (!held && code.making_maker(argument.operand)) by_name = &argument;
    }
    return by_name;
}

struct Reference {
    Index call = 0;      // that got it
    Index function = 0;  // what loaded it
};

// The async function itself was passed, perhaps within another call, and something called it.
std::optional<Reference> find_reference(const Scene& scene, const SiteCode& code, Index call, int depth) {
    for (const CallArgument& argument : code.arguments(call)) {
        const auto made = code.flow().maker(argument.operand);
        if (!made) continue;
        if (!SiteCode::is_call(code.at(*made).op)) {
            if (scene.names.match(code.name_of(*made))) return Reference{call, *made};
        } else if (depth < 3) {
            if (const auto found = find_reference(scene, code, *made, depth + 1)) return found;
        }
    }
    // pool.submit(f).result()
    const auto operands = code.flow().operands(call);
    const auto method = operands.empty() ? std::nullopt : code.flow().maker(operands.front());
    if (depth >= 3 || !method || code.at(*method).op != Op::kLoadAttr) return std::nullopt;
    const auto owner = code.flow().operands(*method);
    const auto inner = owner.empty() ? std::nullopt : code.flow().maker(owner.front());
    if (inner && SiteCode::is_call(code.at(*inner).op)) return find_reference(scene, code, *inner, depth + 1);
    return std::nullopt;
}

}  // namespace

std::optional<Verdict> judge_callback(const Scene& scene, const SiteCode& code, Index call) {
    const auto found = find_reference(scene, code, call, 0);
    if (!found) return std::nullopt;
    const std::string function = code.describe(found->function);
    const std::string taker = code.callee_name(found->call);
    const bool executor = taker == "submit" || taker == "run_in_executor" || taker == "to_thread";
    return Verdict{.id = executor ? "given_to_executor" : "async_callback",
                   .sentence = code.describe_callee(found->call) + "() calls the async function " + function +
                               " as a plain one and does not await what it makes",
                   .call = {},
                   .advice = "pass a plain function, or await each call of " + function + "() yourself"};
}

std::optional<Verdict> judge_only_callback(const Scene& scene, const SiteCode& code) {
    if (!code.all_making_calls().empty()) return std::nullopt;
    std::optional<Reference> only;
    for (Index i = 0; i < code.flow().instructions().size(); ++i) {
        if (code.at(i).row == nullptr || !SiteCode::is_call(code.at(i).op)) continue;
        const auto found = find_reference(scene, code, i, 3);
        if (!found) continue;
        if (only) return std::nullopt;
        only = found;
    }
    if (!only) return std::nullopt;
    const std::string function = code.describe(only->function);
    return Verdict{.id = "async_callback",
                   .sentence = code.code().name + "() passes the async function " + function + " to " +
                               code.describe_callee(only->call) +
                               "(), and nothing awaits what it makes when it is called",
                   .call = {},
                   .advice = "pass a plain function, or await each call of " + function + "() yourself"};
}

namespace {

// Made, and waiting on the stack to be passed to something, when the call above it raised.
std::optional<Verdict> judge_pending(const Scene& scene, const SiteCode& code, Index call) {
    const auto* stack = code.flow().find_stack(call);
    const auto operands = code.flow().operands(call);
    if (stack == nullptr) return std::nullopt;
    for (std::size_t depth = 0; depth + operands.size() < stack->size(); ++depth) {
        if (!code.held_at(static_cast<std::uint32_t>(depth)).value_or(false)) continue;
        const auto made = code.flow().maker((*stack)[depth]);
        const bool named = made && code.makes_coroutine(*made);
        return Verdict{
            .id = "exception_before_await",
            .sentence = (named ? name_call(code, *made) : scene.coroutine()) + " was made, and then " +
                        name_call(code, call) + " raised before anything could await it",
            .call = named ? made : std::nullopt,
            .advice = "call " + name_call(code, call) + " first, and create the coroutine after it"};
    }
    return std::nullopt;
}

}  // namespace

CalleeKind kind_of_callee(std::string_view name) {
    const auto* found = std::ranges::find(kCallees, name, &NamedCallee::name);
    return found == kCallees.end() ? CalleeKind::kPlain : found->kind;
}

Verdict judge_passed(const Scene& scene, const SiteCode& code, Index call, std::optional<Index> making) {
    const std::string callee = code.describe_callee(call);
    const std::string name = making ? name_call(code, *making) : scene.coroutine();
    Verdict verdict{.repair = Repair::kAwait,
                    .call = making,
                    .proves_creation = making && scene.entered_last() && code.is_last_call(*making)};
    switch (kind_of_callee(code.callee_name(call))) {
        case CalleeKind::kFormats:
            verdict.id = "formatted";
            verdict.sentence =
                name + " makes a coroutine, and " + callee + "() makes a text of that instead of its result";
            break;
        case CalleeKind::kTests:
            verdict.id = "tested_for_truth";
            verdict.sentence = name + " makes a coroutine, which is ALWAYS TRUE: " + callee +
                               "() always says the same, and the function never runs";
            break;
        case CalleeKind::kUses:
            verdict.id = "used_as_value";
            verdict.sentence =
                name + " makes a coroutine, which " + callee + "() takes as if it were its result";
            break;
        case CalleeKind::kSchedules:
            if (making) return judge_failed_schedule(scene, code, *making, callee);
            verdict.id = "never_scheduled";
            verdict.sentence = callee + "() failed before it took the coroutine " + name;
            verdict.repair = Repair::kNone;
            break;
        case CalleeKind::kCallsBack:
            verdict.id = "passed_as_callback";
            verdict.sentence =
                name + " makes a coroutine, and " + callee + "() was given that as the function to call";
            verdict.repair = Repair::kTask;
            break;
        case CalleeKind::kPlain:
            verdict.id = "passed_to_function";
            verdict.sentence = name + " makes a coroutine, and " + callee +
                               "() gets that instead of its result; it does not await it";
            break;
    }
    return verdict;
}

bool needs_running_loop(const std::string& scheduler) {
    const bool method = scheduler.find('.') != std::string::npos && !scheduler.starts_with("asyncio.");
    return !method && !scheduler.ends_with("run_coroutine_threadsafe");
}

Verdict judge_failed_schedule(const Scene& scene, const SiteCode& code, Index call,
                              const std::string& scheduler) {
    const std::string name = name_call(code, call);
    const bool runs_loop = scheduler.ends_with("run") || scheduler.ends_with("run_until_complete");
    Verdict verdict{.call = call};
    if (runs_loop && scene.loop_running) {
        verdict.id = "loop_already_running";
        verdict.sentence =
            scheduler + "() cannot run " + name + ": an event loop runs in this thread already";
        verdict.repair = Repair::kAwait;
        verdict.advice = "await it in place of " + scheduler + "()";
        verdict.alone = true;
    } else if (!runs_loop && !scene.loop_running && needs_running_loop(scheduler)) {
        verdict.id = "no_running_loop";
        verdict.sentence =
            scheduler + "() needs a running event loop to take " + name + ", and there is none";
        verdict.repair = Repair::kTask;
    } else {
        verdict.id = "never_scheduled";
        verdict.sentence = scheduler + "() failed before it took " + name;
        if (scheduler == "wait" || scheduler.ends_with(".wait")) {
            verdict.sentence =
                scheduler + "() takes tasks, and no coroutines from Python 3.11 on: it refused " + name;
            verdict.repair = Repair::kTask;
            return verdict;
        }
        verdict.advice = "create the coroutine only once " + scheduler + "() can take it, or close() it";
    }
    return verdict;
}

namespace {

// `all(check(x) for x in xs)`: a generator expression or comprehension made it for what takes each value.
std::optional<Verdict> judge_iterated(const Scene& scene, const SiteCode& code, Index call) {
    const CalleeKind kind = kind_of_callee(code.callee_name(call));
    if (kind != CalleeKind::kTests && kind != CalleeKind::kUses) return std::nullopt;
    for (const CallArgument& argument : code.arguments(call)) {
        const auto made = code.flow().maker(argument.operand);
        if (!made) continue;
        const bool comprehension = SiteCode::is_call(code.at(*made).op) && code.calls_comprehension(*made);
        const bool inlined = code.at(*made).op == Op::kBuild && code.all_making_calls().size() == 1;
        if (!comprehension && !inlined) continue;
        Verdict verdict = judge_passed(scene, code, call, std::nullopt);
        verdict.repair = Repair::kNone;
        verdict.advice = "await each in a list: " + code.describe_callee(call) + "([await " +
                         scene.reference() + "(...) for ...])";
        return verdict;
    }
    return std::nullopt;
}

}  // namespace

std::optional<Verdict> judge_call(const Scene& scene, const SiteCode& code) {
    const Index call = *code.current();
    const auto arguments = code.arguments(call);
    if (const CallArgument* passed = find_passed(code, arguments)) {
        return judge_passed(scene, code, call, code.making_maker(passed->operand));
    }
    if (auto verdict = judge_pending(scene, code, call)) return verdict;
    for (const CallArgument& argument : arguments) {
        if (const auto making = code.find_making_call(argument.operand)) {
            return judge_passed(scene, code, call, making);
        }
    }
    if (auto verdict = judge_iterated(scene, code, call)) return verdict;
    if (auto verdict = judge_callback(scene, code, call)) return verdict;
    return scene.site.ended ? std::nullopt : judge_emptied(code, call, scene);
}

std::optional<Verdict> judge_exception(const Scene& scene, const SiteCode& code, Index handler) {
    const auto making = code.making_calls_guarded_at(handler);
    if (making.size() == 1) {
        const Index call = making.front();
        const auto taker = code.consumer(call);
        if (taker && SiteCode::is_call(code.at(*taker).op) &&
            kind_of_callee(code.callee_name(*taker)) == CalleeKind::kSchedules) {
            return judge_failed_schedule(scene, code, call, code.describe_callee(*taker));
        }
        if (taker && is_any(code.at(*taker).op, {Op::kLoadAttr, Op::kSubscript, Op::kBinary, Op::kUnpack,
                                                 Op::kGetIter, Op::kWith})) {
            return Verdict{
                .id = "used_as_value",
                .sentence = name_call(code, call) +
                            " makes a coroutine, which is used as if it were its result; that raised",
                .repair = Repair::kAwait,
                .call = call};
        }
    }
    return Verdict{
        .id = "exception_before_await",
        .sentence = "an exception left the code that held " + scene.coroutine() + " before it could await it",
        .call = {},
        .advice = "create the coroutine where it is awaited, after whatever may raise"};
}

}  // namespace corotrace
