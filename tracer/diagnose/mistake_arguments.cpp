// SPDX-License-Identifier: MIT
// What raised where no name tells what the coroutine was: what a call was given by way of variables and
// containers, and what was compared or tested before a `raise`.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tracer/diagnose/code_text.hpp"
#include "tracer/diagnose/mistake_rules.hpp"
#include "tracer/diagnose/origin.hpp"

namespace corotrace {

namespace {

using Index = SiteCode::Index;

bool gives_awaited(Op op) {
    return is_any(op, {Op::kEndSend, Op::kSend, Op::kYieldFrom});
}

bool reads_variable(Op op) {
    return is_any(op, {Op::kLoadFast, Op::kLoadDeref});
}

// What gave the value: a call or an await, at once or by way of a variable that has no other.
std::optional<Index> find_source(const SiteCode& code, Index made) {
    const Op op = code.at(made).op;
    if (gives_awaited(op) || (SiteCode::is_call(op) && !code.calls_comprehension(made))) return made;
    if (!reads_variable(op) || code.is_parameter(code.name_of(made))) return std::nullopt;
    const auto stores = code.stores_like(made);
    if (stores.size() != 1) return std::nullopt;
    const auto values = code.flow().operands(stores.front());
    const auto maker = values.empty() ? std::nullopt : code.flow().maker(values.front());
    if (!maker || reads_variable(code.at(*maker).op)) return std::nullopt;
    return find_source(code, *maker);
}

// What the value is, or what it is built of.
void collect_parts(const SiteCode& code, StackFlow::Operand operand, int depth,
                   std::vector<StackFlow::Operand>& found) {
    constexpr int kMostNested = 4;
    const auto made = code.flow().maker(operand);
    if (!made || depth > kMostNested) return;
    if (code.at(*made).op != Op::kBuild) {
        found.push_back(operand);
        return;
    }
    for (const StackFlow::Operand part : code.flow().operands(*made))
        collect_parts(code, part, depth + 1, found);
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
            .advice =
                "in the function that is awaited here, return await ...; or await its result as well: "
                "await (await ...)"};
}

// A list that the function fills with what the call makes: `rows.append(f())`, `sum(rows)`; or what goes over
// that.
std::optional<Index> find_put(const SiteCode& code, StackFlow::Operand operand) {
    auto made = code.flow().maker(operand);
    // At the head of a loop it comes from the loop's end too.
    for (const std::uint32_t maker : code.flow().makers(operand)) {
        const auto iterated = code.flow().operands(maker);
        if (code.at(maker).op == Op::kGetIter && !iterated.empty())
            made = code.flow().maker(iterated.front());
    }
    if (!made || !reads_variable(code.at(*made).op)) return std::nullopt;
    const auto making = code.all_making_calls();
    if (making.size() != 1) return std::nullopt;
    const auto container = find_container(code, making.front());
    const bool same = container && *container == code.name_of(*made);
    return same ? std::optional(making.front()) : std::nullopt;
}

// The operand is the variable that held it, or what held it, when the function ended.
struct Dropped {
    std::optional<Index> source;  // that gave it; null: a container, or not known
};

std::optional<Dropped> find_dropped(const SiteFrame& frame, const SiteCode& code,
                                    StackFlow::Operand operand) {
    const auto made = code.flow().maker(operand);
    const auto& held = frame.held;
    if (!made || !reads_variable(code.at(*made).op) || !held || !frame.bytecode || !held->emptied)
        return std::nullopt;
    // Whoever passed it is to blame.
    if (code.is_parameter(code.name_of(*made))) return std::nullopt;
    const auto& variables = frame.bytecode->variables;
    const bool dropped = held->variables.empty() && *held->emptied < variables.size() &&
                         variables[*held->emptied] == code.name_of(*made);
    if (!dropped || !code.all_making_calls().empty()) return std::nullopt;
    return Dropped{find_source(code, *made)};
}

// Coroutines cannot be in what it is given.
bool refuses(const SiteCode& code, Index call) {
    constexpr std::array<std::string_view, 4> kNames = {"dumps", "dump", "join", "sum"};
    return is_one_of(code.callee_name(call), kNames);
}

Verdict passed_inside(const Scene& scene, const SiteCode& code, Index call) {
    return {.id = "passed_to_function",
            .sentence = "the coroutine " + scene.coroutine() + " is in what " + code.describe_callee(call) +
                        "() was given, in the place of its result: that raised",
            .advice = "await it where that is filled"};
}

// The function awaits the variable, or passes it on.
bool is_taken_as_coroutine(const SiteCode& code, const std::string& variable) {
    if (code.awaits(variable)) return true;
    for (Index i = 0; i < code.flow().instructions().size(); ++i) {
        if (code.at(i).row == nullptr || !SiteCode::is_call(code.at(i).op)) continue;
        for (const CallArgument& argument : code.arguments(i)) {
            const auto made = code.flow().maker(argument.operand);
            if (made && reads_variable(code.at(*made).op) && code.name_of(*made) == variable) return true;
        }
    }
    return false;
}

// What an instruction before the `raise` compared or tested: the last one.
struct Condition {
    Index at = 0;
    Origin origin = {};
};

std::optional<Condition> find_condition(const SiteCode& code, Index raise) {
    for (Index i = raise; i-- > 0;) {
        if (code.at(i).row == nullptr || !is_any(code.at(i).op, {Op::kCompare, Op::kJumpIfNone, Op::kJumpIf,
                                                                 Op::kJumpIfOrPop, Op::kToBool, Op::kNot}))
            continue;
        for (const StackFlow::Operand operand : code.flow().operands(i)) {
            const auto origin = find_origin(code, operand);
            const auto made = code.flow().maker(operand);
            // `if job is not None: await job`: it is meant to be one.
            const bool meant =
                made && reads_variable(code.at(*made).op) && is_taken_as_coroutine(code, code.name_of(*made));
            if (origin && !origin->inside && !meant) return Condition{i, *origin};
        }
    }
    return std::nullopt;
}

Verdict about_condition(const SiteCode& code, const Condition& condition) {
    const bool compares = is_any(code.at(condition.at).op, {Op::kCompare, Op::kJumpIfNone});
    return {.id = compares ? "compared" : "tested_for_truth",
            .sentence =
                code.name_call(condition.origin.call) +
                (compares ? " makes a coroutine, and that is compared instead of its result"
                          : " makes a coroutine, which is always true: the test always goes the same way"),
            .repair = Repair::kAwait,
            .call = condition.origin.call};
}

// What the frame called is known to have raised where it used something, and not in a call of it.
bool was_used_within(const Scene& scene, const SiteFrame& frame) {
    if (&frame == &scene.site.raised.front()) return false;
    const SiteCode inner(scene.layout, *(&frame - 1), scene.names);
    return inner.current() &&
           is_any(inner.at(*inner.current()).op, {Op::kLoadAttr, Op::kSubscript, Op::kBinary, Op::kCompare,
                                                  Op::kGetIter, Op::kUnpack, Op::kFormat});
}

Verdict used_in_loop(const SiteCode& code, Index put) {
    return {.id = "used_as_value",
            .sentence = code.name_call(put) +
                        " makes a coroutine, and the list into which it is put is gone "
                        "over as if it held results: that raised",
            .repair = Repair::kAwait,
            .call = put};
}

}  // namespace

std::optional<Verdict> judge_used_in_loop(const SiteCode& code, StackFlow::Operand operand) {
    const auto made = code.flow().maker(operand);
    if (!made || !reads_variable(code.at(*made).op)) return std::nullopt;
    std::optional<Index> next;
    for (const Index store : code.stores_like(*made)) {
        const auto values = code.flow().operands(store);
        const auto maker = values.empty() ? std::nullopt : code.flow().maker(values.front());
        // From 3.12 on a comprehension gives a variable of that name its own value back.
        if (!maker || !is_any(code.at(*maker).op, {Op::kForIter, Op::kCall, Op::kCallKw, Op::kCallEx}))
            continue;
        if (next || code.at(*maker).op != Op::kForIter) return std::nullopt;
        next = maker;
    }
    const auto* stack = next ? code.flow().find_stack(*next) : nullptr;
    const auto put = stack != nullptr && !stack->empty() ? find_put(code, stack->back()) : std::nullopt;
    return put ? std::optional(used_in_loop(code, *put)) : std::nullopt;
}

std::optional<Verdict> judge_given_by_variable(const Scene& scene, const SiteCode& code, Index call,
                                               const SiteFrame& frame) {
    // What a library does with it is not its mistake.
    if (called_by_library(scene, code)) return std::nullopt;
    const bool dying = &frame == &scene.site.raised.front();
    std::vector<StackFlow::Operand> parts;
    for (const CallArgument& argument : code.arguments(call)) {
        if (const auto put = find_put(code, argument.operand)) {
            if (code.calls_comprehension(call)) {
                if (!was_used_within(scene, frame)) continue;
                return used_in_loop(code, *put);
            }
            Verdict verdict = judge_passed(scene, code, call, put);
            verdict.proves_creation = false;
            verdict.sentence += ": that raised";
            return verdict;
        }
        collect_parts(code, argument.operand, 0, parts);
    }
    const CalleeKind kind = kind_of_called(scene, code, call);
    for (const StackFlow::Operand part : parts) {
        const auto dropped = dying ? find_dropped(frame, code, part) : std::nullopt;
        if (!dropped || kind == CalleeKind::kSchedules) continue;
        if (!dropped->source && !refuses(code, call)) return std::nullopt;
        if (!dropped->source) return passed_inside(scene, code, call);
        if (gives_awaited(code.at(*dropped->source).op)) return passed_awaited(scene, code, call);
        Verdict verdict = judge_passed_back(scene, code, call, *dropped->source);
        // It may lie in what that call gave back, unless that was asked for a result of its own.
        if (kind != CalleeKind::kUses) verdict.repair = Repair::kNone;
        return verdict;
    }
    if (!was_refused(scene, frame) || !code.all_making_calls().empty()) return std::nullopt;
    std::vector<Index> sources;
    for (const StackFlow::Operand part : parts) {
        const auto made = code.flow().maker(part);
        const auto source = made ? find_source(code, *made) : std::nullopt;
        if (source && std::ranges::find(sources, *source) == sources.end()) sources.push_back(*source);
    }
    if (sources.size() != 1) return std::nullopt;
    if (gives_awaited(code.at(sources.front()).op)) return passed_awaited(scene, code, call);
    return judge_passed_back(scene, code, call, sources.front());
}

std::optional<Verdict> judge_condition(const Scene& scene, const SiteCode& code, Index raise) {
    const auto found = find_condition(code, raise);
    if (!found || called_by_library(scene, code)) return std::nullopt;
    const auto line = code.position(raise).line;
    const std::string end = line ? ", and line " + std::to_string(*line) + " raised" : ", and that raised";
    Verdict verdict = about_condition(code, *found);
    verdict.sentence += end;
    verdict.proves_creation = found->origin.alone && code.all_making_calls().size() == 1;
    return verdict;
}

std::optional<Verdict> judge_tested_variable(const SiteCode& code, Index call) {
    const auto end = static_cast<Index>(code.flow().instructions().size());
    const auto found = find_condition(code, code.current().value_or(end));
    if (!found || found->origin.call != call || found->at < call) return std::nullopt;
    return about_condition(code, *found);
}

std::optional<Index> find_used_giver(const Scene& scene, const SiteCode& code) {
    if (!code.current() || scene.site.raised.empty()) return std::nullopt;
    const SiteFrame& front = scene.site.raised.front();
    for (const StackFlow::Operand operand : code.flow().operands(*code.current())) {
        const auto dropped = find_dropped(front, code, operand);
        const auto source = dropped ? dropped->source : std::nullopt;
        if (source && SiteCode::is_call(code.at(*source).op)) return source;
        const auto held = find_held_variable(front, code, operand);
        if (held && SiteCode::is_call(code.at(held->call).op)) return held->call;
    }
    return std::nullopt;
}

std::optional<Verdict> judge_given_away(const Scene& scene, const SiteCode& code, std::string_view callee) {
    const auto making = code.all_making_calls();
    if (making.size() != 1) return std::nullopt;
    const auto taker = code.consumer(making.front());
    if (!taker || !SiteCode::is_call(code.at(*taker).op)) return std::nullopt;
    if (code.callee_name(*taker) != callee) return std::nullopt;
    Verdict verdict = judge_passed(scene, code, *taker, making.front());
    verdict.proves_creation = false;
    if (verdict.id == "passed_to_function") verdict.sentence += ": that raised";
    return verdict;
}

std::optional<Verdict> judge_given_to_ended(const Scene& scene, const SiteCode& code) {
    if (!code.current() || !scene.site.ended || !scene.site.ended->code) return std::nullopt;
    if (!is_any(code.at(*code.current()).op, {Op::kSend, Op::kYieldFrom})) return std::nullopt;
    const auto awaited = find_awaited_call(code, *code.current());
    const auto making = code.all_making_calls();
    if (!awaited || making.size() != 1 || code.consumer(making.front()) != awaited) return std::nullopt;
    if (code.callee_name(*awaited) != scene.site.ended->code->name) return std::nullopt;
    Verdict verdict = judge_passed(scene, code, *awaited, making.front());
    verdict.proves_creation = true;
    return verdict;
}

std::optional<Verdict> judge_iterated_by_library(const Scene& scene, const SiteCode& code, Index call) {
    const SiteFrame& front = scene.site.raised.front();
    const bool by_library = !scene.own.is_own(front.code->filename) && scene.own.is_own(code.code().filename);
    if (!by_library || would_await(scene, front)) return std::nullopt;
    if (kind_of_called(scene, code, call) != CalleeKind::kPlain) return std::nullopt;
    for (const CallArgument& argument : code.arguments(call)) {
        const auto made = code.flow().maker(argument.operand);
        const bool comprehension =
            made && SiteCode::is_call(code.at(*made).op) && code.calls_comprehension(*made);
        if (!comprehension) continue;
        const std::string callee = code.describe_callee(call);
        return Verdict{
            .id = "passed_to_function",
            .sentence = callee + "() was given what holds the coroutine " + scene.coroutine() +
                        " instead of its result: that raised",
            .advice = "await each in a list: " + callee + "([await " + scene.reference() + "(...) for ...])"};
    }
    return std::nullopt;
}

}  // namespace corotrace
