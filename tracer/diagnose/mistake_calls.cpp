// SPDX-License-Identifier: MIT
// Mistakes at a call: what was passed to it, what it was to be passed to, and what an exception took with it.
#include <algorithm>
#include <array>

#include "tracer/diagnose/code_text.hpp"
#include "tracer/diagnose/culprit.hpp"
#include "tracer/diagnose/mistake_rules.hpp"

namespace corotrace {

namespace {

using Index = SiteCode::Index;

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

// It calls them itself, and uses or keeps what they give back.
bool takes_functions(const SiteCode& code, Index call) {
    constexpr std::array<std::string_view, 8> kNames = {"sorted", "sort", "min",      "max",
                                                        "reduce", "sub",  "nlargest", "nsmallest"};
    constexpr std::array<std::string_view, 3> kExecutors = {"submit", "run_in_executor", "to_thread"};
    const std::string name = code.callee_name(call);
    return is_one_of(name, kNames) || is_one_of(name, kExecutors);
}

// The async function itself was passed, or a lambda that calls it, perhaps within another call, and something
// called it.
std::optional<Reference> find_reference(const Scene& scene, const SiteCode& code, Index call, int depth) {
    for (const CallArgument& argument : code.arguments(call)) {
        const auto made = code.flow().maker(argument.operand);
        if (!made) continue;
        if (code.makes_function(*made)) {
            if (takes_functions(code, call) && code.all_making_calls().empty()) return Reference{call, *made};
        } else if (!SiteCode::is_call(code.at(*made).op)) {
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
    if (code.makes_function(found->function)) {
        return Verdict{
            .id = executor ? "given_to_executor" : "async_callback",
            .sentence = code.describe_callee(found->call) +
                        "() calls a function that gives back the coroutine " + scene.coroutine() +
                        ", and does not await that",
            .call = {},
            .advice = "await each call of " + scene.names.name + "() yourself, and pass the results"};
    }
    return Verdict{.id = executor ? "given_to_executor" : "async_callback",
                   .sentence = code.describe_callee(found->call) + "() calls the async function " + function +
                               " as a plain one and does not await what it makes",
                   .call = {},
                   .advice = "pass a plain function, or await each call of " + function + "() yourself"};
}

std::optional<Verdict> judge_only_callback(const Scene& scene, const SiteCode& code) {
    constexpr std::array<std::string_view, 5> kTakeBack = {"remove", "discard", "unregister", "disconnect",
                                                           "unsubscribe"};
    if (!code.all_making_calls().empty()) return std::nullopt;
    std::optional<Reference> only;
    for (Index i = 0; i < code.flow().instructions().size(); ++i) {
        if (code.at(i).row == nullptr || !SiteCode::is_call(code.at(i).op)) continue;
        const auto found = find_reference(scene, code, i, 3);
        if (!found || is_one_of(code.callee_name(i), kTakeBack)) continue;
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

std::optional<Verdict> judge_pending(const Scene& scene, const SiteCode& code, Index index) {
    const auto* stack = code.flow().find_stack(index);
    const auto operands = code.flow().operands(index);
    // Operands of rare instructions are not all modelled.
    if (stack == nullptr || is_any(code.at(index).op, {Op::kOther, Op::kWithExit, Op::kSetup}))
        return std::nullopt;
    const auto line = code.position(index).line;
    const std::string other = SiteCode::is_call(code.at(index).op) ? name_call(code, index)
                              : line                               ? "line " + std::to_string(*line)
                                                                   : "something else";
    for (std::size_t depth = 0; depth + operands.size() < stack->size(); ++depth) {
        if (!code.held_at(static_cast<std::uint32_t>(depth)).value_or(false)) continue;
        const auto made = code.flow().maker((*stack)[depth]);
        const bool named = made && code.makes_coroutine(*made);
        if (auto verdict = named ? judge_never_awaited(code, *made, other) : std::nullopt) return verdict;
        return Verdict{.id = "exception_before_await",
                       .sentence = (named ? name_call(code, *made) : scene.coroutine()) +
                                   " was made, and then " + other + " raised before anything could await it",
                       .call = named ? made : std::nullopt,
                       .advice = SiteCode::is_call(code.at(index).op)
                                     ? "call " + other + " first, and create the coroutine after it"
                                     : "create the coroutine last, after whatever may raise"};
    }
    return std::nullopt;
}

namespace {

// The coroutine is in the place of the function that `call` is to call, and not one of its arguments.
bool is_function_of(const SiteCode& code, Index call, std::optional<Index> making) {
    const CallbackTaker* taker = find_callback_taker(code.describe_callee(call));
    if (taker == nullptr) return false;
    if (!making) return true;  // not known better
    const auto arguments = code.arguments(call);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (code.making_maker(arguments[i].operand) != making) continue;
        return arguments[i].keyword ? *arguments[i].keyword == taker->keyword : i == taker->position;
    }
    return false;
}

void judge_as_function(const Scene& scene, const SiteCode& code, Index call, Verdict& verdict) {
    const std::string callee = code.describe_callee(call);
    const std::string name = verdict.call ? name_call(code, *verdict.call) : scene.coroutine();
    verdict.id = "passed_as_callback";
    verdict.sentence =
        name + " makes a coroutine, and " + callee + "() was given that as the function to call";
    verdict.repair = Repair::kNone;
    const CallbackTaker* taker = find_callback_taker(callee);
    if (taker == nullptr || taker->lambda.empty() || !verdict.call) {
        verdict.advice = "pass the function itself, without calling it: " +
                         (verdict.call ? code.describe_callee(*verdict.call) : scene.reference());
        return;
    }
    const auto waiter = code.consumer(call);
    const bool awaits = waiter && code.at(*waiter).op == Op::kGetAwaitable && code.is_async();
    verdict.repair = awaits ? Repair::kAwait : Repair::kFunction;
    verdict.lambda = scene.loop_running && !taker->in_loop.empty() ? taker->in_loop : taker->lambda;
    if (awaits) verdict.outer = call;
}

// A heap or queue compares what it keeps, and that raised in it.
bool sorts_what_it_keeps(const Scene& scene, const SiteCode& code, Index call) {
    constexpr std::array<std::string_view, 6> kSorting = {"heappush", "heappushpop", "heapreplace",
                                                          "insort",   "put",         "put_nowait"};
    if (!is_one_of(code.callee_name(call), kSorting) || scene.site.raised.empty()) return false;
    const auto& front = scene.site.raised.front().code->filename;
    return !scene.own.is_own(front) || front == code.code().filename;
}

Verdict judge_not_taken(const std::string& callee, const std::string& name) {
    if (takes_futures(callee)) {
        return {.id = "passed_to_function",
                .sentence = name + " makes a coroutine, and " + callee +
                            "() takes futures of an executor and cannot wait for it",
                .advice = "await it in place of " + callee + "(): await asyncio.gather(...)"};
    }
    return {.id = "exception_before_await",
            .sentence = name + " made a coroutine for " + callee +
                        "() to keep, and that raised: coroutines that come with equal priorities are "
                        "compared",
            .advice = "put a number that differs each time before the coroutine"};
}

}  // namespace

Verdict judge_passed(const Scene& scene, const SiteCode& code, Index call, std::optional<Index> making) {
    const std::string callee = code.describe_callee(call);
    const std::string name = making ? name_call(code, *making) : scene.coroutine();
    Verdict verdict{.repair = Repair::kAwait,
                    .call = making,
                    .proves_creation = making && scene.made_by(code, *making) && code.is_last_call(*making)};
    // From 3.15 on a generator expression is given what it goes over as that is.
    if (code.calls_comprehension(call)) {
        verdict.id = "used_as_value";
        verdict.sentence = name + " makes a coroutine, which is gone over as if it were its result";
        return verdict;
    }
    const CalleeKind kind = kind_of_called(scene, code, call);
    switch (kind) {
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
            if (auto given = judge_runner_given(code, call, name)) return *std::move(given);
            if (is_function_of(code, call, making)) {
                judge_as_function(scene, code, call, verdict);
                break;
            }
            [[fallthrough]];
        case CalleeKind::kPlain:
            if (auto given = judge_runner_given(code, call, name)) return *std::move(given);
            if (auto helper = judge_helper(scene, code, call, name)) return *std::move(helper);
            if (takes_futures(callee) || sorts_what_it_keeps(scene, code, call)) {
                return judge_not_taken(callee, name);
            }
            if (called_its_argument(scene, code, call)) {
                judge_as_function(scene, code, call, verdict);
                break;
            }
            if (registers_functions(code.callee_name(call), false) && making &&
                code.consumer(*making) == call && kind == CalleeKind::kPlain) {
                judge_as_function(scene, code, call, verdict);
                break;
            }
            verdict.id = "passed_to_function";
            verdict.sentence = name + " makes a coroutine, and " + callee +
                               "() gets that instead of its result; it does not await it";
            break;
    }
    return verdict;
}

Verdict judge_passed_back(const Scene& scene, const SiteCode& code, Index call, Index giver) {
    const std::string callee = code.describe_callee(call);
    if (kind_of_callee(callee) == CalleeKind::kSchedules)
        return judge_failed_schedule(scene, code, giver, callee);
    Verdict verdict = judge_passed(scene, code, call, std::nullopt);
    const std::string begin = scene.coroutine() + " makes a coroutine";
    if (verdict.repair != Repair::kAwait || !verdict.sentence.starts_with(begin)) return verdict;
    verdict.sentence = code.name_call(giver) + " gives back the coroutine " + scene.coroutine() +
                       verdict.sentence.substr(begin.size());
    verdict.call = giver;
    return verdict;
}

std::optional<Index> find_giver(const SiteCode& code, const CallArgument& argument) {
    const auto made = code.flow().maker(argument.operand);
    if (!made || !code.held_at(argument.depth).value_or(false)) return std::nullopt;
    const bool call = SiteCode::is_call(code.at(*made).op) && !code.calls_comprehension(*made);
    return call || code.at(*made).op == Op::kLoadAttr ? made : std::nullopt;
}

Verdict judge_handed_back(const Scene& scene, const SiteCode& code, Index call, Index making) {
    Verdict verdict = judge_passed(scene, code, call, making);
    if (verdict.id == "passed_to_function" && registers_functions(code.callee_name(call), true))
        judge_as_function(scene, code, call, verdict);
    return verdict;
}

namespace {

// `all(check(x) for x in xs)`: a generator expression or comprehension made it for what takes each value.
std::optional<Verdict> judge_iterated(const Scene& scene, const SiteCode& code, Index call) {
    const CalleeKind kind = kind_of_callee(code.describe_callee(call));
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

// `save(1)(2)`: what it gives was to be called.
std::optional<Verdict> judge_called(const Scene& scene, const SiteCode& code, Index call) {
    const auto operands = code.flow().operands(call);
    const auto* stack = code.flow().find_stack(call);
    for (std::size_t i = 0; i < std::min<std::size_t>(operands.size(), 2); ++i) {
        const auto made = code.flow().maker(operands[i]);
        const bool read = made && code.at(*made).op == Op::kLoadAttr && code.makes_coroutine(*made);
        const bool callee = made && (read || SiteCode::is_call(code.at(*made).op)) &&
                            code.describe_callee(call) == code.describe(*made);
        const auto held = code.held_at(static_cast<std::uint32_t>(stack->size() - operands.size() + i));
        if (!callee || !held.value_or(code.makes_coroutine(*made))) continue;
        return about(scene, code, {.call = made, .operand = i}, "used_as_value",
                     "makes a coroutine, and that is called as if it were its result");
    }
    return std::nullopt;
}

}  // namespace

std::optional<Verdict> judge_call(const Scene& scene, const SiteCode& code) {
    const Index call = *code.current();
    const auto arguments = code.arguments(call);
    if (auto verdict = judge_called(scene, code, call)) return verdict;
    if (const CallArgument* passed = find_passed(code, arguments)) {
        const auto making = code.making_maker(passed->operand);
        const auto giver = making ? std::nullopt : find_giver(code, *passed);
        return giver && !code.find_making_call(passed->operand) ? judge_passed_back(scene, code, call, *giver)
                                                                : judge_passed(scene, code, call, making);
    }
    if (auto verdict = judge_pending(scene, code, call)) return verdict;
    for (const CallArgument& argument : arguments) {
        const auto making = code.making_calls_in(argument.operand);
        if (!making.empty()) return judge_passed(scene, code, call, making.front());
    }
    if (auto verdict = judge_iterated(scene, code, call)) return verdict;
    if (auto verdict = judge_callback(scene, code, call)) return verdict;
    if (scene.site.ended) return std::nullopt;
    if (auto verdict = judge_emptied(code, call, scene)) return verdict;
    return judge_called_from_c(scene, code, call);
}

std::optional<Verdict> judge_exception(const Scene& scene, const SiteCode& code, Index handler) {
    const auto making = code.making_calls_guarded_at(handler);
    if (called_by_library(scene, code)) {
        return Verdict{.id = "async_callback",
                       .sentence = code.code().qualname + "() of a library called the async function " +
                                   scene.coroutine() +
                                   " as a plain one, or was given what it made, and kept that until an "
                                   "exception came",
                       .call = {},
                       .advice = advise_callback(scene)};
    }
    if (making.size() == 1) {
        const Index call = making.front();
        const auto taker = code.consumer(call);
        if (taker && SiteCode::is_call(code.at(*taker).op) &&
            kind_of_callee(code.describe_callee(*taker)) == CalleeKind::kSchedules) {
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
