// SPDX-License-Identifier: MIT
// Mistakes by the instruction that dropped the coroutine. What an instruction works on tells more than its
// name: the operand may be the coroutine itself, or something that held it.
#include "tracer/diagnose/mistake_rules.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "tracer/diagnose/culprit.hpp"

namespace corotrace {

namespace {

using Index = SiteCode::Index;

// `a() and b`, `a() or b` from 3.12 on: the value was tested just before, and is now thrown away.
bool was_tested(const SiteCode& code, Index pop) {
    const auto operands = code.flow().operands(pop);
    Index i = pop;
    while (i > 0 && code.at(i - 1).op == Op::kNothing) --i;
    if (i == 0 || code.at(i - 1).op != Op::kJumpIf || operands.empty()) return false;
    const auto tested = code.flow().operands(i - 1);
    auto made = tested.empty() ? std::nullopt : code.flow().maker(tested.front());
    if (made && code.at(*made).op == Op::kToBool) {
        const auto bare = code.flow().operands(*made);
        made = bare.empty() ? std::nullopt : code.flow().maker(bare.front());
    }
    return made && made == code.flow().maker(operands.front());
}

Verdict judge_truth(const Scene& scene, const SiteCode& code, const Culprit& culprit) {
    return about(scene, code, culprit, "tested_for_truth",
                 "makes a coroutine, which is always true: the test always goes the same way, and the "
                 "function never runs");
}

Verdict judge_container(const Scene& scene, std::optional<Index> inside, const std::string& holder) {
    return {.id = "kept_in_container",
            .sentence =
                scene.coroutine() + " was put into " + holder + ", which is thrown away; nothing awaits it",
            .repair = inside ? Repair::kAwait : Repair::kNone,
            .call = inside,
            .advice = inside ? "" : "await what it holds: await asyncio.gather(*...)"};
}

// A call that is no call of the coroutine's name gave it back.
Verdict judge_given_back(const Scene& scene, const SiteCode& code, Index call) {
    if (calls_back(scene, code, call)) return judge_called_back(scene, code, call);
    if (auto verdict = judge_callback(scene, code, call)) return *std::move(verdict);
    const std::string callee = code.describe_callee(call);
    Verdict verdict{.id = "result_discarded", .repair = Repair::kAwait, .call = call};
    verdict.sentence = callee + "() gives back the coroutine " + scene.coroutine() +
                       ", and the statement throws it away: the function never runs";
    // The callee made it by way of another function, or had it from somewhere.
    if (scene.entered_other()) {
        verdict.id = "returned_and_dropped";
        verdict.sentence = callee + "() is no async function but returns the coroutine " + scene.coroutine() +
                           ", and its caller throws it away";
    }
    return verdict;
}

// The value of an expression statement that is not a call of the coroutine's name.
std::optional<Verdict> judge_other_value(const Scene& scene, const SiteCode& code, Index pop, Index made) {
    const auto* stack = code.flow().find_stack(pop);
    const auto held = code.held_at(static_cast<std::uint32_t>(stack->size() - 1));
    const Op op = code.at(made).op;
    const auto inside = code.find_making_call(code.flow().operands(pop).front());
    if (held.value_or(false) && is_any(op, {Op::kEndSend, Op::kSend, Op::kYieldFrom})) {
        // `await condition.wait_for(save)`
        const auto awaited = find_awaited_call(code, made);
        if (auto verdict = awaited ? judge_callback(scene, code, *awaited) : std::nullopt) return verdict;
        return Verdict{.id = "awaited_result_discarded",
                       .sentence = "what was awaited gave back another coroutine, " + scene.coroutine() +
                                   ", which is thrown away",
                       .call = {},
                       .advice =
                           "in the function that is awaited here, return await ...; or await its result as "
                           "well: await (await ...)"};
    }
    if (held == false && is_any(op, {Op::kEndSend, Op::kSend, Op::kYieldFrom})) {
        return Verdict{.id = "kept_in_container",
                       .sentence = "what was awaited gave back something that held " + scene.coroutine() +
                                   ", and the statement throws it away; nothing awaits it",
                       .advice = "await what it holds: await asyncio.gather(*...)"};
    }
    if (held.value_or(false) && SiteCode::is_call(op)) {
        // `bus.on(save())`, which gives back what it is given.
        return inside && *inside != made ? judge_handed_back(scene, code, made, *inside)
                                         : judge_given_back(scene, code, made);
    }
    if (inside && SiteCode::is_call(op)) {
        const CalleeKind kind = kind_of_callee(code.describe_callee(made));
        // It took it: `asyncio.wait_for(save(), 1)`, which is a coroutine that nobody awaits either.
        if (kind == CalleeKind::kSchedules) {
            return Verdict{.id = "result_discarded",
                           .sentence = code.describe_callee(made) + "() was given " +
                                       code.name_call(*inside) +
                                       ", and the statement throws away what it gives back: neither runs",
                           .repair = Repair::kAwait,
                           .call = made};
        }
        if (kind != CalleeKind::kPlain) return judge_passed(scene, code, made, inside);
        return judge_container(scene, inside, "what " + code.describe_callee(made) + "() made");
    }
    if (op == Op::kBuild || code.calls_comprehension(made))
        return judge_container(scene, inside, "a container");
    if (op == Op::kGetIter) return judge_loop(scene, code, pop);
    if (SiteCode::is_call(op) && held) return judge_thrown_holder(scene, code, made);
    return std::nullopt;
}

// By a `match` statement, which lets go of it at the end of its cases.
bool is_matched(const SiteCode& code, Index made) {
    for (Index i = 0; i < code.flow().instructions().size(); ++i) {
        const auto* stack = code.flow().find_stack(i);
        if (stack == nullptr || code.at(i).row == nullptr || !code.at(i).row->name.starts_with("MATCH_"))
            continue;
        const bool works_on_it = std::ranges::any_of(
            *stack, [&](StackFlow::Operand operand) { return code.flow().maker(operand) == made; });
        if (works_on_it) return true;
    }
    return false;
}

std::optional<Verdict> judge_pop(const Scene& scene, const SiteCode& code, Index pop) {
    const auto operands = code.flow().operands(pop);
    if (operands.empty()) return std::nullopt;
    const auto culprit = find_culprit(code, pop);
    if (culprit && was_tested(code, pop)) return judge_truth(scene, code, *culprit);
    const auto made = culprit && culprit->call ? culprit->call : code.flow().maker(operands.front());
    if (!made) return std::nullopt;
    if (!culprit || !culprit->call) return judge_other_value(scene, code, pop, *made);
    // A plain function of the same name: it was entered, and then the coroutine's by it.
    if (scene.entered_other() && SiteCode::is_call(code.at(*made).op)) {
        return judge_other_value(scene, code, pop, *made);
    }
    if (SiteCode::is_call(code.at(*made).op) && called_by_library(scene, code)) {
        return judge_called_back(scene, code, *made);
    }
    if (is_matched(code, *made)) {
        return about(scene, code, *culprit, "compared",
                     "makes a coroutine, and that is matched instead of its result");
    }
    const bool property = code.at(*made).op == Op::kLoadAttr;
    return about(scene, code, *culprit, "result_discarded",
                 property ? "is an async property: it makes a coroutine, and the statement throws it away"
                          : "makes a coroutine, and the statement throws it away: the function never runs");
}

// `except E as e:` ends by e = None; returns where e was stored.
std::optional<Index> find_exception_store(const SiteCode& code, Index index) {
    for (const Index store : code.stores_like(index)) {
        const auto operands = code.flow().operands(store);
        if (operands.empty()) continue;
        const auto made = code.flow().maker(operands.front());
        const bool caught =
            made ? code.at(*made).op == Op::kSetup || code.at(*made).row->name == "PUSH_EXC_INFO"
                 : code.flow().makers(operands.front()).empty();
        if (caught) return store;
    }
    return std::nullopt;
}

std::optional<Verdict> judge_place_of_storage(const Scene& scene, const SiteCode& code, Index index) {
    const Op op = code.at(index).op;
    const bool attribute = is_any(op, {Op::kStoreAttr, Op::kDeleteAttr});
    // The value of a store is its first operand; any other was used as an object or a key.
    const bool stores = is_any(op, {Op::kStoreAttr, Op::kStoreSubscript});
    const auto culprit = find_culprit(code, index);
    const auto& arguments = scene.finding.coroutine.arguments;
    const std::size_t wanted = op == Op::kStoreAttr ? 2 : 1;  // self, and what is assigned
    if (attribute && !culprit && scene.names.code_name == code.name_of(index) && arguments &&
        arguments->size() == wanted && code.all_making_calls().empty()) {
        return Verdict{.id = "async_special_method",
                       .sentence = "Python itself calls " + scene.coroutine() + " where the attribute " +
                                   code.name_of(index) +
                                   " is set or deleted, and cannot await it: its body never runs",
                       .repair = Repair::kPlain,
                       .call = {},
                       .advice = "make it a plain function, and move what it awaits elsewhere"};
    }
    const auto operands = code.flow().operands(index);
    const auto key =
        op == Op::kStoreSubscript && operands.size() == 3 ? code.flow().maker(operands[2]) : std::nullopt;
    // `rows[0:1] = f()` goes over it.
    const bool slice =
        (key && code.at(*key).row->name == "BUILD_SLICE") || code.at(index).row->name == "STORE_SLICE";
    if (culprit && culprit->call && (culprit->operand > 0 || !stores || slice)) {
        return about(scene, code, *culprit, "used_as_value",
                     "makes a coroutine, which is used as if it were its result");
    }
    const auto* stack = code.flow().find_stack(index);
    // From 3.14 on operands are cleared before they are dropped.
    const auto at_place = stack != nullptr && !operands.empty()
                              ? code.held_at(static_cast<std::uint32_t>(stack->size() - operands.size()))
                              : std::optional<bool>(false);
    const bool itself =
        op == Op::kStoreSubscript && scene.site.frames.front().held && at_place.value_or(true);
    // What is kept is not dropped.
    if (itself && !scene.site.ended) {
        return Verdict{.id = "exception_before_await",
                       .sentence = scene.coroutine() +
                                   " was to be put into an item of a container, or in the place of some, and "
                                   "that raised",
                       .advice = "await it first"};
    }
    const std::string where =
        attribute ? "the attribute " + code.name_of(index) : std::string("an item of a container");
    return Verdict{.id = "kept_in_container",
                   .sentence = scene.coroutine() + " was kept in " + where +
                               ", or in what that held, until it was replaced or deleted; nothing awaited it",
                   .call = {},
                   .advice = "await it before it is replaced"};
}

// `[*save()]`, `f(**save())`, `-save()`: instructions that are of no kind of their own.
bool uses_value(const SiteCode& code, Index index) {
    constexpr std::array<std::string_view, 14> kNames = {"BINARY_SLICE",      "STORE_SLICE",
                                                         "LIST_EXTEND",       "SET_UPDATE",
                                                         "DICT_UPDATE",       "DICT_MERGE",
                                                         "BUILD_LIST_UNPACK", "BUILD_TUPLE_UNPACK",
                                                         "BUILD_SET_UNPACK",  "BUILD_TUPLE_UNPACK_WITH_CALL",
                                                         "BUILD_MAP_UNPACK",  "UNARY_NEGATIVE",
                                                         "UNARY_POSITIVE",    "UNARY_INVERT"};
    const auto* row = code.at(index).row;
    return row != nullptr && std::ranges::find(kNames, row->name) != kNames.end();
}

// `getattr(x, "y", save()) is None`, `rows[:save()]`: what it was an argument or a bound of gave it back, or
// is that.
std::optional<Culprit> find_handed_back(const SiteCode& code, Index index) {
    const auto operands = code.flow().operands(index);
    for (std::size_t i = 0; i < operands.size(); ++i) {
        const auto made = code.flow().maker(operands[i]);
        const auto inside = made ? code.find_making_call(operands[i]) : std::nullopt;
        if (!inside || code.calls_comprehension(*made)) continue;
        if (SiteCode::is_call(code.at(*made).op) || code.at(*made).row->name == "BUILD_SLICE")
            return Culprit{.call = inside, .operand = i};
    }
    return std::nullopt;
}

// `[save(x) for x in xs] == [1]`
std::optional<Verdict> judge_used_container(const Scene& scene, const SiteCode& code, Index index) {
    for (const StackFlow::Operand operand : code.flow().operands(index)) {
        const auto inside = code.find_making_call(operand);
        if (inside) return judge_container(scene, inside, "a value");
        const auto made = code.flow().maker(operand);
        // From 3.12 on a comprehension is part of the function.
        const auto making = code.all_making_calls();
        const auto taker = making.size() == 1 ? code.consumer(making.front()) : std::nullopt;
        if (made && code.at(*made).op == Op::kBuild && taker && code.at(*taker).op == Op::kAppend)
            return judge_container(scene, making.front(), "a container");
        const bool comprehension = made && SiteCode::is_call(code.at(*made).op) &&
                                   code.calls_comprehension(*made) && code.all_making_calls().empty();
        if (comprehension) return judge_container(scene, std::nullopt, "a container");
    }
    return std::nullopt;
}

std::optional<Verdict> judge_use(const Scene& scene, const SiteCode& code, Index index) {
    auto culprit = find_culprit(code, index);
    if (!culprit) {
        culprit = find_handed_back(code, index);
        if (!culprit) return judge_used_container(scene, code, index);
    }
    const Instruction& instruction = code.at(index);
    if (is_any(instruction.op, {Op::kCompare, Op::kJumpIfNone})) {
        return about(scene, code, *culprit, "compared",
                     "makes a coroutine, and that is compared instead of its result");
    }
    // "..." % save()
    const bool remainder = instruction.row->name == "BINARY_MODULO" ||
                           (instruction.row->name == "BINARY_OP" && instruction.arg == 6);
    if (instruction.op == Op::kFormat || (remainder && culprit->operand == 1)) {
        return about(scene, code, *culprit, "formatted",
                     "makes a coroutine, and the text shows that instead of its result");
    }
    return about(scene, code, *culprit, "used_as_value",
                 "makes a coroutine, which is used as if it were its result");
}

}  // namespace

std::string advise_callback(const Scene& scene) {
    const std::string starter = scene.loop_running ? "asyncio.ensure_future(" : "asyncio.run(";
    return "make " + scene.names.name +
           "() a plain function, or register one that starts it: lambda *args: " + starter +
           scene.reference() + "(*args))";
}

namespace {

std::optional<Verdict> judge_store(const Scene& scene, const SiteCode& code, Index index) {
    if (auto verdict = judge_variable(scene, code, index, "is given another value")) return verdict;
    const auto caught = find_exception_store(code, index);
    if (!caught) return judge_shared_variable(scene, code, index);
    auto verdict = judge_exception(scene, code, *caught);
    if (verdict) verdict->by_exception = true;
    return verdict;
}

std::optional<Verdict> judge_raise(const Scene& scene, const SiteCode& code, Index index) {
    const auto culprit = find_culprit(code, index);
    if (!culprit || !culprit->call) return judge_exception(scene, code, index);
    return about(scene, code, *culprit, "used_as_value",
                 "makes a coroutine, which is raised as if it were an exception");
}

}  // namespace

std::optional<Verdict> judge_instruction(const Scene& scene, const SiteCode& code) {
    if (!code.current()) return std::nullopt;
    const Index index = *code.current();
    const Op op = code.at(index).op;
    if (op == Op::kPopTop) return judge_pop(scene, code, index);
    if (SiteCode::is_call(op)) return judge_call(scene, code);
    if (is_any(op, {Op::kJumpIf, Op::kJumpIfOrPop, Op::kToBool, Op::kNot})) {
        const auto culprit = find_culprit(code, index);
        return culprit ? std::optional(judge_truth(scene, code, *culprit)) : std::nullopt;
    }
    if (is_any(op, {Op::kCompare, Op::kJumpIfNone, Op::kFormat, Op::kBinary, Op::kSubscript, Op::kLoadAttr,
                    Op::kUnpack, Op::kGetIter, Op::kGetAiter, Op::kWith, Op::kGetAwaitable})) {
        if (op == Op::kGetAwaitable) {
            if (auto verdict = judge_awaited_container(scene, code, index)) return verdict;
        }
        if (auto verdict = judge_use(scene, code, index)) return verdict;
        return judge_pending(scene, code, index);
    }
    if (op == Op::kForIter) return judge_loop(scene, code, index);
    if (is_any(op, {Op::kStoreFast, Op::kStoreDeref, Op::kStoreName, Op::kStoreGlobal}))
        return judge_store(scene, code, index);
    if (is_any(op, {Op::kDeleteFast, Op::kDeleteDeref, Op::kDeleteName, Op::kDeleteGlobal})) {
        if (auto verdict = judge_variable(scene, code, index, "is deleted")) return verdict;
        return judge_shared_variable(scene, code, index);
    }
    if (is_any(op, {Op::kStoreAttr, Op::kDeleteAttr, Op::kStoreSubscript, Op::kDeleteSubscript})) {
        return judge_place_of_storage(scene, code, index);
    }
    if (op == Op::kRaise) return judge_raise(scene, code, index);
    if (op == Op::kPopExcept) return judge_exception(scene, code, index);
    if (uses_value(code, index)) return judge_use(scene, code, index);
    return std::nullopt;
}

}  // namespace corotrace
