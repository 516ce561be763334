// SPDX-License-Identifier: MIT
// Mistakes of functions that an exception left: what raised tells whether the coroutine was to blame.
#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "tracer/diagnose/code_text.hpp"
#include "tracer/diagnose/mistake_rules.hpp"
#include "tracer/diagnose/origin.hpp"

namespace corotrace {

namespace {

using Index = SiteCode::Index;

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

std::string advise_awaited(const SiteCode& code, Index call) {
    if (!is_any(code.at(call).op, {Op::kEndSend, Op::kSend, Op::kYieldFrom})) return "";
    const auto awaited = find_awaited_call(code, call);
    if (awaited && find_callback_taker(code.describe_callee(*awaited)) != nullptr)
        return "give " + code.describe_callee(*awaited) +
               "() a plain function, and await async ones in the loop";
    const std::string callee =
        awaited ? code.describe_callee(*awaited) + "()" : "the function that is awaited";
    return "in " + callee + ", return await ...; or await its result as well: await (await ...)";
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
    // From 3.14 on `with` is a call of __enter__, which nobody writes.
    const auto is_special = [&](StackFlow::Operand operand) {
        const auto made = code.flow().maker(operand);
        return made && code.at(*made).row->name == "LOAD_SPECIAL";
    };
    const bool special = std::ranges::any_of(code.flow().operands(origin.call), is_special);
    if (special || (!SiteCode::is_call(op) && op != Op::kLoadAttr)) {
        return {.id = "used_as_value",
                .sentence = "what was awaited or taken here is the coroutine " + scene.coroutine() +
                            ", and without another await " + use + ": that raised",
                .advice = advise_awaited(code, origin.call)};
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
    return judge_iterated_by_library(scene, code, call);
}

// `asyncio.wait([step(x) for x in xs])`, where a comprehension of its own made them.
std::optional<Verdict> judge_scheduler(const Scene& scene, const SiteCode& code, Index call) {
    if (kind_of_called(scene, code, call) != CalleeKind::kSchedules) return std::nullopt;
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

// `users = {n: f(n) for n in xs}; users[1].name`, where the comprehension is a function of its own.
std::optional<Verdict> judge_used_item(const Scene& scene, const SiteCode& code, Index index,
                                       StackFlow::Operand operand) {
    const auto item = code.flow().maker(operand);
    if (!item || code.at(*item).op != Op::kSubscript || !code.all_making_calls().empty()) return std::nullopt;
    const auto list = code.flow().maker(code.flow().operands(*item).front());
    const auto stores = list ? code.stores_like(*list) : std::vector<Index>();
    if (stores.size() != 1 || code.flow().operands(stores.front()).empty()) return std::nullopt;
    const auto made = code.flow().maker(code.flow().operands(stores.front()).front());
    if (!made || !SiteCode::is_call(code.at(*made).op) || !code.calls_comprehension(*made))
        return std::nullopt;
    return Verdict{.id = "used_as_value",
                   .sentence = "an item of " + code.name_of(*list) + " is the coroutine " +
                               scene.coroutine() + ", and without await " + describe_use(code, index) +
                               ": that raised",
                   .advice = "await each where " + code.name_of(*list) + " is filled"};
}

// `sys.exit(main())`: the exception that C code raised holds it, and no variable did. The one argument of the
// call that another call gave.
std::optional<Index> find_only_giver(const Scene& scene, const SiteCode& code, Index call) {
    const auto& held = scene.site.raised.front().held;
    const bool by_exception = held && held->variables.empty() && !held->emptied;
    if (!by_exception || !code.all_making_calls().empty()) return std::nullopt;
    std::optional<Index> only;
    for (const CallArgument& argument : code.arguments(call)) {
        const auto made = code.flow().maker(argument.operand);
        if (!made || !SiteCode::is_call(code.at(*made).op) || code.calls_comprehension(*made)) continue;
        if (only) return std::nullopt;
        only = made;
    }
    return only;
}

// An AttributeError holds the object that has no such attribute: the result of a call, at once or in a
// variable. That may hold the coroutine too, unless it is a method's of another name that the call is of.
std::optional<Origin> find_read_object(const Scene& scene, const SiteCode& code, const SiteFrame& frame,
                                       StackFlow::Operand operand) {
    const auto made = code.flow().maker(operand);
    if (!made || code.at(*code.current()).op != Op::kLoadAttr || !frame.held) return std::nullopt;
    const bool by_exception = frame.held->variables.empty() && !frame.held->emptied;
    const bool call = SiteCode::is_call(code.at(*made).op) && code.all_making_calls().empty();
    if (by_exception && call) return Origin{.call = *made, .named = false};
    if (!scene.is_borrowed_method()) return std::nullopt;
    const auto giver = call ? made : find_used_giver(scene, code);
    const bool method = giver && code.describe_callee(*giver) != code.callee_name(*giver);
    return method ? std::optional(Origin{.call = *giver, .named = false}) : std::nullopt;
}

// `@asynccontextmanager` over what has no yield: contextlib takes the coroutine for a generator, and fails
// before it has run any of it.
std::optional<Verdict> judge_manager(const Scene& scene, const SiteCode& code) {
    if (!code.code().filename.ends_with("/contextlib.py")) return std::nullopt;
    const bool async = code.code().name == "__aenter__";
    if (!async && code.code().name != "__enter__") return std::nullopt;
    const Index index = *code.current();
    const bool next = SiteCode::is_call(code.at(index).op) &&
                      (code.callee_name(index) == "next" || code.callee_name(index) == "anext");
    if (!next && code.at(index).op != Op::kLoadAttr) return std::nullopt;
    const std::string decorator = async ? "asynccontextmanager" : "contextmanager";
    return Verdict{
        .id = "used_as_value",
        .sentence = scene.names.name + "() is async and has no yield, so that " + decorator +
                    " gets the coroutine " + scene.coroutine() + " and no generator: that raised",
        .advice = async ? "yield in it what `as` gets"
                        : "use asynccontextmanager and `async with`, and yield in it what `as` gets"};
}

}  // namespace

std::optional<Index> find_awaited_call(const SiteCode& code, Index index) {
    for (int step = 0; step < 4; ++step) {
        // What is awaited lies below what is sent to it, and from 3.15 on below a null.
        const auto* stack = code.flow().find_stack(index);
        if (stack == nullptr) return std::nullopt;
        std::optional<Index> next;
        for (std::size_t i = 1; i <= std::min<std::size_t>(stack->size(), 3) && !next; ++i) {
            for (const std::uint32_t made : code.flow().makers((*stack)[stack->size() - i])) {
                if (SiteCode::is_call(code.at(made).op)) return made;
                if (code.at(made).op == Op::kGetAwaitable) next = made;
            }
        }
        if (!next) return std::nullopt;
        index = *next;
    }
    return std::nullopt;
}

namespace {

// An instruction that an exception left.
struct Raise {
    const Scene& scene;
    const SiteCode& code;
    const SiteFrame& frame;
    Index index;
    bool dying;  // the frame ends right now, and its variables tell
    std::span<const StackFlow::Operand> operands;
};

std::optional<Verdict> judge_raised_callee(const Raise& raise) {
    const auto& [scene, code, frame, index, dying, operands] = raise;
    // Of another frame's call the function was entered: it is one.
    if (!dying) return std::nullopt;
    const auto callees = operands.first(std::min<std::size_t>(operands.size(), 2));
    for (const StackFlow::Operand operand : callees) {
        const auto origin = find_origin(code, operand);
        if (origin && !origin->inside) return judge_used(scene, code, *origin, "it is called");
    }
    // A library calls what holds it, as an encoder does.
    if (called_by_library(scene, code)) return std::nullopt;
    for (const StackFlow::Operand operand : callees) {
        const auto origin = find_held_variable(frame, code, operand);
        const auto made = code.flow().maker(operand);
        const bool callee = origin && made && code.describe_callee(index) == code.name_of(*made);
        if (callee) return judge_used(scene, code, *origin, "it is called");
    }
    return std::nullopt;
}

std::optional<Verdict> judge_raised_call(const Raise& raise) {
    const auto& [scene, code, frame, index, dying, operands] = raise;
    if (auto verdict = judge_refused(scene, code, index)) return verdict;
    if (const auto giver = dying ? find_only_giver(scene, code, index) : std::nullopt)
        return judge_passed_back(scene, code, index, *giver);
    if (auto verdict = judge_raised_callee(raise)) return verdict;
    if (auto verdict = judge_given_by_variable(scene, code, index, frame)) return verdict;
    return judge_scheduler(scene, code, index);
}

std::optional<Verdict> judge_raised_await(const Raise& raise) {
    const SiteCode& code = raise.code;
    const auto call = find_awaited_call(code, raise.index);
    if (!call || code.makes_coroutine(*call)) return std::nullopt;
    if (auto verdict = judge_refused(raise.scene, code, *call)) return verdict;
    // Others fail with what they ran.
    return code.callee_name(*call) == "wait" ? judge_scheduler(raise.scene, code, *call) : std::nullopt;
}

std::optional<Verdict> judge_raise_statement(const Raise& raise) {
    if (raise.operands.empty()) return std::nullopt;
    const SiteCode& code = raise.code;
    const auto exception = code.flow().maker(raise.operands.front());
    const auto inside = code.find_making_call(raise.operands.front());
    if (exception && inside && *exception != *inside && SiteCode::is_call(code.at(*exception).op))
        return judge_passed(raise.scene, code, *exception, inside);
    return judge_condition(raise.scene, code, raise.index);
}

// The operand is in a variable, or what holds it is.
std::optional<Verdict> judge_raised_operand(const Raise& raise, StackFlow::Operand operand) {
    const auto& [scene, code, frame, index, dying, operands] = raise;
    if (auto verdict = judge_used_in_loop(code, operand)) return verdict;
    auto origin = find_held_variable(frame, code, operand);
    if (!origin) origin = find_read_object(scene, code, frame, operand);
    if (!origin) origin = find_only_result(scene, code, operand);
    if (!origin) origin = find_awaited(code, operand);
    if (origin) return judge_used(scene, code, *origin, describe_use(code, index));
    return judge_used_item(scene, code, index, operand);
}

std::optional<Verdict> judge_raised_use(const Raise& raise) {
    for (const StackFlow::Operand operand : raise.operands) {
        const auto origin = find_origin(raise.code, operand);
        if (origin && !origin->inside)
            return judge_used(raise.scene, raise.code, *origin, describe_use(raise.code, raise.index));
    }
    if (!raise.dying) return std::nullopt;
    for (const StackFlow::Operand operand : raise.operands) {
        if (auto verdict = judge_raised_operand(raise, operand)) return verdict;
    }
    return std::nullopt;
}

std::optional<Verdict> judge_raised_instruction(const Raise& raise) {
    const Op op = raise.code.at(raise.index).op;
    if (SiteCode::is_call(op)) return judge_raised_call(raise);
    if (is_any(op, {Op::kSend, Op::kYieldFrom})) return judge_raised_await(raise);
    if (op == Op::kGetAwaitable) return judge_awaited_container(raise.scene, raise.code, raise.index);
    if (op == Op::kRaise) return judge_raise_statement(raise);
    return uses_operand(op) ? judge_raised_use(raise) : std::nullopt;
}

// It was made before something else raised.
std::optional<Verdict> judge_made_before(const Raise& raise) {
    const auto& [scene, code, frame, index, dying, operands] = raise;
    const auto making = code.all_making_calls();
    // A call that itself raised is of something else of that name.
    if (making.empty() || making.front() == index) return std::nullopt;
    if (called_by_library(scene, code)) {
        Verdict verdict = judge_called_back(scene, code, making.front());
        verdict.thrown_away = false;
        return verdict;
    }
    const auto line = code.position(index).line;
    // `bus.listen(f()); bus.start()`: what it was given to kept it until the second raised.
    const auto taker = code.consumer(making.front());
    if (taker && *taker < index && SiteCode::is_call(code.at(*taker).op)) {
        const CalleeKind kind = kind_of_callee(code.describe_callee(*taker));
        const bool takes = kind == CalleeKind::kPlain || kind == CalleeKind::kCallsBack;
        if (takes && !puts_into_container(code.callee_name(*taker))) {
            Verdict verdict = judge_passed(scene, code, *taker, making.front());
            verdict.proves_creation = false;
            if (line) verdict.sentence += "; then line " + std::to_string(*line) + " raised";
            return verdict;
        }
    }
    const std::string raised = line ? "line " + std::to_string(*line) : "something else";
    if (auto verdict = judge_never_awaited(code, making.front(), raised)) return verdict;
    return Verdict{.id = "exception_before_await",
                   .sentence = code.describe_callee(making.front()) + "() made a coroutine, and then " +
                               raised + " raised before anything could await it",
                   .call = {},
                   .advice = "create the coroutine where it is awaited, after whatever may raise"};
}

// What raised is a call of what the library was given, and it has nothing else that it could have made.
bool called_it(const Scene& scene, const SiteFrame& frame) {
    const SiteCode code(scene.layout, frame, scene.names);
    if (!code.current() || !SiteCode::is_call(code.at(*code.current()).op) || !frame.held) return false;
    return names_function(code.callee_name(*code.current())) &&
           std::ranges::all_of(frame.held->variables,
                               [&](std::uint32_t slot) { return slot < frame.code->parameters; });
}

}  // namespace

std::optional<Verdict> judge_raised(const Scene& scene, const SiteCode& code, const SiteFrame& frame) {
    if (!code.current()) return std::nullopt;
    const Raise raise{.scene = scene,
                      .code = code,
                      .frame = frame,
                      .index = *code.current(),
                      .dying = &frame == &scene.site.raised.front(),
                      .operands = code.flow().operands(*code.current())};
    if (auto verdict = raise.dying ? judge_manager(scene, code) : std::nullopt) return verdict;
    if (auto verdict = judge_raised_instruction(raise)) return verdict;
    return judge_made_before(raise);
}

Verdict judge_raised_elsewhere(const Scene& scene) {
    const SiteFrame& front = scene.site.raised.front();
    const std::string& file = front.code->filename;
    // What a library hands on to another part of itself it has made.
    const SiteFrame& caller = scene.site.raised.size() > 1 ? scene.site.raised[1] : scene.site.frames.front();
    const bool own_caller = scene.own.is_own(caller.code->filename) || scene.own.is_own(file);
    const bool passed = own_caller && was_given(scene, front);
    if (would_await(scene, front)) {
        return {.id = "exception_before_await",
                .sentence = front.code->qualname + (passed ? "() was given" : "() was to await") +
                            " the coroutine " + scene.coroutine() +
                            ", and ended by an exception, as one that is "
                            "cancelled does, before it awaited that",
                .call = {},
                .advice = "create the coroutine where it is awaited: pass the function that makes it"};
    }
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
    const bool of_program = scene.own.is_own(scene.finding.coroutine.file.value_or(""));
    // Up to 3.10 a variable is empty by then.
    const bool held =
        (front.held && !front.held->variables.empty()) || scene.layout.frame_rule == FrameRule::kFrameObjects;
    const bool called = called_it(scene, front) || (held && names_function(dropped_variable(front)));
    if (!scene.own.is_own(file) && of_program && called) {
        return {.id = "passed_as_callback",
                .sentence = front.code->qualname +
                            "() of a library calls what it was given as a function, and " +
                            "that is the coroutine " + scene.coroutine(),
                .call = {},
                .advice = "pass the function itself, without calling it: " + scene.reference()};
    }
    if (!scene.own.is_own(file) && of_program) {
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
