// SPDX-License-Identifier: MIT
// What raised where no name tells what the coroutine was: what a call was given by way of variables and
// containers, and what was compared or tested before a `raise`.
#include <algorithm>
#include <string>
#include <vector>

#include "tracer/diagnose/mistake_rules.hpp"
#include "tracer/diagnose/origin.hpp"

namespace corotrace {

namespace {

using Index = SiteCode::Index;

bool is_await(Op op) {
    return is_any(op, {Op::kEndSend, Op::kSend, Op::kYieldFrom});
}

bool is_variable(Op op) {
    return is_any(op, {Op::kLoadFast, Op::kLoadDeref});
}

// What gave the value: a call or an await, at once or by way of a variable that has no other.
std::optional<Index> find_source(const SiteCode& code, Index made) {
    const Op op = code.at(made).op;
    if (is_await(op) || (SiteCode::is_call(op) && !code.calls_comprehension(made))) return made;
    if (!is_variable(op) || code.is_parameter(code.name_of(made))) return std::nullopt;
    const auto stores = code.stores_like(made);
    if (stores.size() != 1) return std::nullopt;
    const auto values = code.flow().operands(stores.front());
    const auto maker = values.empty() ? std::nullopt : code.flow().maker(values.front());
    if (!maker || is_variable(code.at(*maker).op)) return std::nullopt;
    return find_source(code, *maker);
}

void collect_sources(const SiteCode& code, StackFlow::Operand operand, int depth,
                     std::vector<Index>& found) {
    constexpr int kMostNested = 4;
    const auto made = code.flow().maker(operand);
    if (!made || depth > kMostNested) return;
    if (code.at(*made).op == Op::kBuild) {
        for (const StackFlow::Operand part : code.flow().operands(*made))
            collect_sources(code, part, depth + 1, found);
        return;
    }
    const auto source = find_source(code, *made);
    if (source && std::ranges::find(found, *source) == found.end()) found.push_back(*source);
}

// It was refused by the functions that the exception left within the library: one of them had it from its
// caller.
bool was_refused(const Scene& scene, const SiteFrame& caller) {
    const SiteFrame& front = scene.site.raised.front();
    if (&caller == &front || !was_given(scene, front)) return false;
    return std::ranges::all_of(scene.site.raised, [&](const SiteFrame& frame) {
        return &frame >= &caller || !scene.own.is_own(frame.code->filename);
    });
}

Verdict passed_awaited(const Scene& scene, const SiteCode& code, Index call) {
    return {.id = "passed_to_function",
            .sentence = "what was awaited here gave back the coroutine " + scene.coroutine() + ", and " +
                        code.describe_callee(call) + "() gets that instead of its result: that raised",
            .advice = "in the function that is awaited here, return await ...; or await its result as well: "
                      "await (await ...)"};
}

// A list that the function fills with what the call makes: `rows.append(f())`, `sum(rows)`.
std::optional<Index> find_put(const SiteCode& code, StackFlow::Operand operand) {
    const auto made = code.flow().maker(operand);
    if (!made || !is_variable(code.at(*made).op)) return std::nullopt;
    const auto making = code.all_making_calls();
    if (making.size() != 1) return std::nullopt;
    const auto container = find_container(code, making.front());
    const bool same = container && *container == code.name_of(*made);
    return same ? std::optional(making.front()) : std::nullopt;
}

// The operand is the variable that held it, or what held it, when the function ended.
std::optional<Origin> find_dropped(const SiteFrame& frame, const SiteCode& code, StackFlow::Operand operand) {
    const auto made = code.flow().maker(operand);
    const auto& held = frame.held;
    if (!made || !is_variable(code.at(*made).op) || !held || !frame.bytecode || !held->emptied)
        return std::nullopt;
    const auto& variables = frame.bytecode->variables;
    const bool dropped = held->variables.empty() && *held->emptied < variables.size() &&
                         variables[*held->emptied] == code.name_of(*made);
    const auto source = dropped && code.all_making_calls().empty() ? find_source(code, *made) : std::nullopt;
    return source ? std::optional(Origin{.call = *source, .named = false}) : std::nullopt;
}

// What an instruction before the `raise` compared or tested: the last one.
struct Condition {
    Index at = 0;
    Origin origin = {};
};

std::optional<Condition> find_condition(const SiteCode& code, Index raise) {
    for (Index i = raise; i-- > 0;) {
        if (code.at(i).row == nullptr ||
            !is_any(code.at(i).op, {Op::kCompare, Op::kJumpIfNone, Op::kJumpIf, Op::kJumpIfOrPop,
                                    Op::kToBool, Op::kNot}))
            continue;
        for (const StackFlow::Operand operand : code.flow().operands(i)) {
            const auto origin = find_origin(code, operand);
            if (origin && !origin->inside) return Condition{i, *origin};
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<Verdict> judge_given_by_variable(const Scene& scene, const SiteCode& code, Index call,
                                               const SiteFrame& frame) {
    const bool dying = &frame == &scene.site.raised.front();
    for (const CallArgument& argument : code.arguments(call)) {
        if (const auto put = find_put(code, argument.operand)) {
            Verdict verdict = judge_passed(scene, code, call, put);
            verdict.proves_creation = false;
            verdict.sentence += ": that raised";
            return verdict;
        }
        const auto dropped = dying ? find_dropped(frame, code, argument.operand) : std::nullopt;
        if (!dropped || kind_of_called(scene, code, call) == CalleeKind::kSchedules) continue;
        if (is_await(code.at(dropped->call).op)) return passed_awaited(scene, code, call);
        Verdict verdict = judge_passed_back(scene, code, call, dropped->call);
        // It may lie in what that call gave back, unless that was asked for a result of its own.
        if (kind_of_called(scene, code, call) != CalleeKind::kUses) verdict.repair = Repair::kNone;
        return verdict;
    }
    if (!was_refused(scene, frame) || !code.all_making_calls().empty()) return std::nullopt;
    std::vector<Index> sources;
    for (const CallArgument& argument : code.arguments(call))
        collect_sources(code, argument.operand, 0, sources);
    if (sources.size() != 1) return std::nullopt;
    if (is_await(code.at(sources.front()).op)) return passed_awaited(scene, code, call);
    return judge_passed_back(scene, code, call, sources.front());
}

std::optional<Verdict> judge_condition(const Scene& scene, const SiteCode& code, Index raise) {
    const auto found = find_condition(code, raise);
    if (!found || called_by_library(scene, code)) return std::nullopt;
    const bool compares = is_any(code.at(found->at).op, {Op::kCompare, Op::kJumpIfNone});
    const auto line = code.position(raise).line;
    const std::string end = line ? ", and line " + std::to_string(*line) + " raised" : ", and that raised";
    return Verdict{.id = compares ? "compared" : "tested_for_truth",
                   .sentence = code.name_call(found->origin.call) +
                               (compares ? " makes a coroutine, and that is compared instead of its result"
                                         : " makes a coroutine, which is always true, and that is tested") +
                               end,
                   .repair = Repair::kAwait,
                   .call = found->origin.call,
                   .proves_creation = found->origin.alone && code.all_making_calls().size() == 1};
}

std::optional<Index> find_used_giver(const Scene& scene, const SiteCode& code) {
    if (!code.current() || scene.site.raised.empty()) return std::nullopt;
    const SiteFrame& front = scene.site.raised.front();
    for (const StackFlow::Operand operand : code.flow().operands(*code.current())) {
        const auto dropped = find_dropped(front, code, operand);
        if (dropped && SiteCode::is_call(code.at(dropped->call).op)) return dropped->call;
        const auto held = find_held_variable(front, code, operand);
        if (held && SiteCode::is_call(code.at(held->call).op)) return held->call;
    }
    return std::nullopt;
}

}  // namespace corotrace
