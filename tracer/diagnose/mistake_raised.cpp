// SPDX-License-Identifier: MIT
// Mistakes of functions that an exception left: what raised tells whether the coroutine was to blame.
#include <algorithm>

#include "tracer/diagnose/mistake_rules.hpp"

namespace corotrace {

namespace {

using Index = SiteCode::Index;

struct Origin {
    Index call = 0;       // that made the coroutine, or gave it back
    bool alone = true;    // nothing else was ever assigned to the variable
    bool inside = false;  // it lies in a list or the like
    bool named = true;    // `call` is one of the coroutine's name
};

bool is_variable(Op op) {
    return is_any(op, {Op::kLoadFast, Op::kLoadDeref, Op::kLoadName, Op::kLoadGlobal});
}

// Source: CPython v3.14.0 Include/opcode.h, NB_SUBSCR.
bool is_subscript(const Instruction& instruction) {
    constexpr std::uint32_t kSubscr = 26;
    return instruction.op == Op::kSubscript ||
           (instruction.op == Op::kBinary && instruction.row->name == "BINARY_OP" &&
            instruction.arg == kSubscr);
}

// From 3.12 on a comprehension is part of the function: the one call that makes what is appended to the list.
std::optional<Index> find_appended(const SiteCode& code, StackFlow::Operand operand) {
    const auto making = code.all_making_calls();
    const auto list = code.flow().maker(operand);
    if (making.size() != 1 || !list || code.at(*list).op != Op::kBuild) return std::nullopt;
    const auto taker = code.consumer(making.front());
    return taker && code.at(*taker).op == Op::kAppend ? std::optional(making.front()) : std::nullopt;
}

// Where the operand comes from: a call of the coroutine's name, at once or by way of a variable or container.
std::optional<Origin> find_origin(const SiteCode& code, StackFlow::Operand operand, int depth = 0) {
    if (const auto call = code.making_maker(operand)) return Origin{.call = *call};
    if (const auto call = code.find_making_call(operand)) return Origin{.call = *call, .inside = true};
    for (const std::uint32_t made : code.flow().makers(operand)) {
        if (is_subscript(code.at(made)) && depth == 0) {
            auto found = find_origin(code, code.flow().operands(made).front(), depth + 1);
            if (!found || !found->inside) continue;
            found->inside = false;
            return found;
        }
        if (!is_variable(code.at(made).op)) continue;
        const auto stores = code.stores_like(made);
        std::optional<Origin> found;
        for (const Index store : stores) {
            const auto values = code.flow().operands(store);
            if (values.empty()) continue;
            if (const auto call = code.making_maker(values.front())) {
                found = Origin{.call = *call};
            } else if (const auto inner = code.find_making_call(values.front()); inner && !found) {
                found = Origin{.call = *inner, .inside = true};
            } else if (const auto appended = find_appended(code, values.front()); appended && !found) {
                found = Origin{.call = *appended, .inside = true};
            }
        }
        if (!found) continue;
        found->alone = stores.size() == 1 && !code.is_parameter(code.name_of(made));
        return found;
    }
    return std::nullopt;
}

bool is_await(Op op) {
    return is_any(op, {Op::kEndSend, Op::kSend, Op::kYieldFrom});
}

// The one value that `accepts` takes and that the function keeps in a variable, if the operand is that
// variable.
template <typename Accepts>
std::optional<Index> find_only_kept(const SiteCode& code, StackFlow::Operand operand,
                                    const Accepts& accepts) {
    const auto made = code.flow().maker(operand);
    if (!made || !is_variable(code.at(*made).op)) return std::nullopt;
    const auto stores = code.stores_like(*made);
    if (stores.size() != 1 || code.is_parameter(code.name_of(*made))) return std::nullopt;
    std::optional<Index> only;
    for (Index i = 0; i < code.flow().instructions().size(); ++i) {
        if (!is_any(code.at(i).op, {Op::kStoreFast, Op::kStoreDeref})) continue;
        const auto values = code.flow().operands(i);
        const auto maker = values.empty() ? std::nullopt : code.flow().maker(values.front());
        if (!maker || !accepts(code.at(*maker).op)) continue;
        if (only || i != stores.front()) return std::nullopt;
        only = *maker;
    }
    return only;
}

// The one call, or operator, whose result the function keeps in a variable, if the operand is that variable.
std::optional<Origin> find_only_result(const Scene& scene, const SiteCode& code, StackFlow::Operand operand) {
    // `a | b` of an `async def __or__`.
    const bool special = scene.names.code_name.starts_with("__");
    const auto only = find_only_kept(code, operand, [&](Op op) {
        return SiteCode::is_call(op) || (special && is_any(op, {Op::kBinary, Op::kSubscript, Op::kCompare}));
    });
    return only ? std::optional(Origin{.call = *only, .named = false}) : std::nullopt;
}

// What was awaited gave it: at once, or by way of the only variable that was given anything by a call or an
// await. Silent where the code names the coroutine's function, for then that may have made it.
std::optional<Origin> find_awaited(const SiteCode& code, StackFlow::Operand operand) {
    const auto made = code.flow().maker(operand);
    if (!made || !code.all_making_calls().empty()) return std::nullopt;
    if (is_await(code.at(*made).op)) return Origin{.call = *made, .named = false};
    const auto only =
        find_only_kept(code, operand, [](Op op) { return SiteCode::is_call(op) || is_await(op); });
    if (!only || !is_await(code.at(*only).op)) return std::nullopt;
    return Origin{.call = *only, .named = false};
}

// The operand is a variable that held the coroutine when the function ended. Silent where variables are not
// known, and about parameters: whoever passed it is to blame.
std::optional<Origin> find_held_variable(const SiteFrame& frame, const SiteCode& code,
                                         StackFlow::Operand operand) {
    const auto made = code.flow().maker(operand);
    if (!made || !is_variable(code.at(*made).op) || !frame.held || !frame.bytecode) return std::nullopt;
    const std::string name = code.name_of(*made);
    const bool held = std::ranges::any_of(frame.held->variables, [&](std::uint32_t slot) {
        return slot < frame.bytecode->variables.size() && frame.bytecode->variables[slot] == name;
    });
    if (!held || name.empty() || code.is_parameter(name)) return std::nullopt;
    const auto stores = code.stores_like(*made);
    if (stores.size() != 1) return std::nullopt;
    const auto values = code.flow().operands(stores.front());
    auto maker = values.empty() ? std::nullopt : code.flow().maker(values.front());
    if (!maker) return std::nullopt;
    return Origin{.call = *maker, .named = false};
}

bool uses_operand(Op op) {
    return is_any(op, {Op::kLoadAttr, Op::kStoreAttr, Op::kDeleteAttr, Op::kSubscript, Op::kStoreSubscript,
                       Op::kDeleteSubscript, Op::kBinary, Op::kCompare, Op::kUnpack, Op::kGetIter,
                       Op::kGetAiter, Op::kWith, Op::kFormat});
}

// What it was used for, as a sentence goes on.
std::string describe_use(const SiteCode& code, Index index) {
    const Op op = code.at(index).op;
    if (is_any(op, {Op::kLoadAttr, Op::kStoreAttr, Op::kDeleteAttr})) {
        return "its attribute " + code.name_of(index) + " is used";
    }
    if (is_any(op, {Op::kSubscript, Op::kStoreSubscript, Op::kDeleteSubscript})) {
        return "an item of it is used";
    }
    if (is_any(op, {Op::kGetIter, Op::kGetAiter})) return "it is iterated over";
    if (op == Op::kUnpack) return "it is unpacked";
    if (op == Op::kWith) return "it is entered by with";
    return "it is used as if it were its result";
}

Verdict judge_used(const Scene& scene, const SiteCode& code, const Origin& origin, const std::string& use) {
    const std::string callee =
        code.describe_callee(origin.call) + (SiteCode::is_call(code.at(origin.call).op) ? "()" : "");
    const std::string begin = origin.named ? callee + " makes a coroutine"
                                           : callee + " gives back the coroutine " + scene.coroutine();
    const Op op = code.at(origin.call).op;
    if (SiteCode::is_call(op) && !origin.named) {
        if (auto verdict = judge_callback(scene, code, origin.call)) return *verdict;
    }
    if (!SiteCode::is_call(op) && op != Op::kLoadAttr) {
        return {.id = "used_as_value",
                .sentence = "what was awaited or taken here is the coroutine " + scene.coroutine() +
                            ", and without another await " + use + ": that raised"};
    }
    return {.id = "used_as_value",
            .sentence = begin + ", and without await " + use + ": that raised",
            .repair = Repair::kAwait,
            .call = origin.call,
            .proves_creation = origin.named && origin.alone && code.all_making_calls().size() == 1};
}

// A function that was given it refused it.
std::optional<Verdict> judge_refused(const Scene& scene, const SiteCode& code, Index call) {
    for (const CallArgument& argument : code.arguments(call)) {
        const auto origin = find_origin(code, argument.operand);
        if (!origin) continue;
        Verdict verdict = judge_passed(scene, code, call, origin->call);
        verdict.proves_creation = origin->alone && code.all_making_calls().size() == 1;
        if (verdict.id == "passed_to_function") verdict.sentence += ": that raised";
        return verdict;
    }
    return std::nullopt;
}

// `asyncio.wait([step(x) for x in xs])`, where a comprehension of its own made them.
std::optional<Verdict> judge_scheduler(const Scene& scene, const SiteCode& code, Index call) {
    if (kind_of_callee(code.describe_callee(call)) != CalleeKind::kSchedules) return std::nullopt;
    // asyncio hands what it was given from function to function: the program's own call tells more.
    if (!scene.own.is_own(code.code().filename)) return std::nullopt;
    const std::string callee = code.describe_callee(call);
    const auto arguments = code.arguments(call);
    const bool has_loop = std::ranges::find(arguments, "loop", &CallArgument::keyword) != arguments.end();
    if (!scene.loop_running && !has_loop && needs_running_loop(callee)) {
        return Verdict{.id = "no_running_loop",
                       .sentence = callee + "() needs a running event loop to take " + scene.coroutine() +
                                   ", and there is none"};
    }
    return Verdict{.id = "never_scheduled",
                   .sentence = callee + "() failed before it took " + scene.coroutine()};
}

// The call whose result is awaited at this instruction.
std::optional<Index> find_awaited_call(const SiteCode& code, Index index) {
    for (int step = 0; step < 4; ++step) {
        // What is awaited lies below what is sent to it.
        const auto* stack = code.flow().find_stack(index);
        if (stack == nullptr || stack->empty()) return std::nullopt;
        std::optional<Index> next;
        for (std::size_t i = stack->size() - std::min<std::size_t>(stack->size(), 2); i < stack->size();
             ++i) {
            for (const std::uint32_t made : code.flow().makers((*stack)[i])) {
                if (SiteCode::is_call(code.at(made).op)) return made;
                if (code.at(made).op == Op::kGetAwaitable) next = made;
            }
        }
        if (!next) return std::nullopt;
        index = *next;
    }
    return std::nullopt;
}

}  // namespace

std::optional<Verdict> judge_raised(const Scene& scene, const SiteCode& code, bool dying) {
    if (!code.current()) return std::nullopt;
    const Index index = *code.current();
    const Op op = code.at(index).op;
    const auto operands = code.flow().operands(index);
    if (SiteCode::is_call(op)) {
        if (auto verdict = judge_refused(scene, code, index)) return verdict;
        for (const StackFlow::Operand operand : operands) {
            const auto origin = find_origin(code, operand);
            if (origin && !origin->inside) return judge_used(scene, code, *origin, "it is called");
        }
        for (const StackFlow::Operand operand : operands.first(std::min<std::size_t>(operands.size(), 2))) {
            const auto origin =
                dying ? find_held_variable(scene.site.raised.front(), code, operand) : std::nullopt;
            const bool callee = origin && code.flow().maker(operand) &&
                                code.describe_callee(index) == code.name_of(*code.flow().maker(operand));
            if (callee) return judge_used(scene, code, *origin, "it is called");
        }
        if (auto verdict = judge_scheduler(scene, code, index)) return verdict;
    } else if (is_any(op, {Op::kSend, Op::kYieldFrom})) {
        const auto call = find_awaited_call(code, index);
        if (call && !code.makes_coroutine(*call)) {
            if (auto verdict = judge_refused(scene, code, *call)) return verdict;
            // Others fail with what they ran.
            const bool waits = code.callee_name(*call) == "wait";
            if (auto verdict = waits ? judge_scheduler(scene, code, *call) : std::nullopt) return verdict;
        }
    } else if (op == Op::kRaise && !operands.empty()) {
        const auto exception = code.flow().maker(operands.front());
        const auto inside = code.find_making_call(operands.front());
        if (exception && inside && *exception != *inside && SiteCode::is_call(code.at(*exception).op)) {
            return judge_passed(scene, code, *exception, inside);
        }
    } else if (uses_operand(op)) {
        for (const StackFlow::Operand operand : operands) {
            const auto origin = find_origin(code, operand);
            if (origin && !origin->inside) {
                return judge_used(scene, code, *origin, describe_use(code, index));
            }
        }
        for (const StackFlow::Operand operand : operands) {
            auto origin = dying ? find_held_variable(scene.site.raised.front(), code, operand) : std::nullopt;
            if (!origin && dying) origin = find_only_result(scene, code, operand);
            if (!origin && dying) origin = find_awaited(code, operand);
            if (origin) return judge_used(scene, code, *origin, describe_use(code, index));
        }
    }
    const auto making = code.all_making_calls();
    // A call that itself raised is of something else of that name.
    if (making.empty() || making.front() == index) return std::nullopt;
    if (called_by_library(scene, code)) {
        Verdict verdict = judge_called_back(scene, code, making.front());
        verdict.thrown_away = false;
        return verdict;
    }
    const auto line = code.position(index).line;
    const std::string made = code.describe_callee(making.front()) + "()";
    // `bus.listen(f()); bus.start()`: what it was given to kept it until the second raised.
    const auto taker = code.consumer(making.front());
    if (taker && *taker < index && SiteCode::is_call(code.at(*taker).op)) {
        const CalleeKind kind = kind_of_callee(code.describe_callee(*taker));
        const bool kept = puts_into_container(code.callee_name(*taker));
        if (!kept && (kind == CalleeKind::kPlain || kind == CalleeKind::kCallsBack)) {
            Verdict verdict = judge_passed(scene, code, *taker, making.front());
            verdict.proves_creation = false;
            if (line) verdict.sentence += "; then line " + std::to_string(*line) + " raised";
            return verdict;
        }
    }
    return Verdict{.id = "exception_before_await",
                   .sentence = made + " made a coroutine, and then " +
                               (line ? "line " + std::to_string(*line) : std::string("something else")) +
                               " raised before anything could await it",
                   .call = {},
                   .advice = "create the coroutine where it is awaited, after whatever may raise"};
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

namespace {

// The variable that held it, or what held it, when the frame died: that which is empty last, as those behind
// it are emptied later. Null: not known.
std::optional<std::uint32_t> find_dropped_variable(const SiteFrame& frame) {
    if (!frame.held || !frame.bytecode) return std::nullopt;
    if (!frame.held->variables.empty()) return frame.held->variables.front();
    return frame.held->emptied;
}

// The function had it from its caller: in a parameter, or one of several in a loop's variable. The first
// parameter of a method does not count, for it is what keeps things.
bool was_given(const Scene& scene, const SiteFrame& frame) {
    const auto slot = find_dropped_variable(frame);
    if (!slot || *slot >= frame.bytecode->variables.size()) return false;
    const std::string& name = frame.bytecode->variables[*slot];
    if (*slot < frame.code->parameters) return name != "self";
    const SiteCode code(scene.layout, frame, scene.names);
    for (Index i = 0; i < code.flow().instructions().size(); ++i) {
        if (!is_any(code.at(i).op, {Op::kStoreFast, Op::kStoreDeref}) || code.name_of(i) != name) continue;
        const auto values = code.flow().operands(i);
        const auto made = values.empty() ? std::nullopt : code.flow().maker(values.front());
        if (made && code.at(*made).op == Op::kForIter) return true;
    }
    return false;
}

}  // namespace

Verdict judge_raised_elsewhere(const Scene& scene) {
    const SiteFrame& front = scene.site.raised.front();
    const std::string& file = front.code->filename;
    // What a library hands on to another part of itself it has made.
    const SiteFrame& caller = scene.site.raised.size() > 1 ? scene.site.raised[1] : scene.site.frames.front();
    const bool own_caller = scene.own.is_own(caller.code->filename) || scene.own.is_own(file);
    const bool passed = own_caller && was_given(scene, front);
    const bool asserts = file.ends_with("/unittest/case.py") && front.code->name.starts_with("assert");
    if (passed && front.code->name == "enter_context") {
        return {.id = "used_as_value",
                .sentence = front.code->name + "() was given the coroutine " + scene.coroutine() +
                            ", which is no context manager: that raised",
                .advice = "await it first, or use an AsyncExitStack and its enter_async_context()"};
    }
    if (passed || asserts) {
        return {.id = "passed_to_function",
                .sentence = front.code->qualname + "() was given the coroutine " + scene.coroutine() +
                            " instead of its result: that raised"};
    }
    if (!scene.own.is_own(file) && scene.own.is_own(scene.finding.coroutine.file.value_or(""))) {
        return {.id = "async_callback",
                .sentence = scene.site.raised.front().code->qualname +
                            "() of a library called the async function " + scene.coroutine() +
                            " as a plain one and kept what it made until an exception came",
                .call = {},
                .advice = advise_callback(scene)};
    }
    return {.id = "exception_before_await",
            .sentence =
                "an exception left the code that held " + scene.coroutine() + " before it could await it"};
}

}  // namespace corotrace
