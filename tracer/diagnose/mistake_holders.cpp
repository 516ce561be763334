// SPDX-License-Identifier: MIT
// Mistakes where something else held the coroutine (a container, a mock, what a function gave back) or called
// its function.
#include <algorithm>
#include <array>
#include <string_view>

#include "tracer/diagnose/code_text.hpp"
#include "tracer/diagnose/mistake_rules.hpp"

namespace corotrace {

namespace {

using Index = SiteCode::Index;

bool is_mock(std::string_view callee) {
    constexpr std::array<std::string_view, 8> kMocks = {
        "Mock",         "MagicMock",       "AsyncMock", "NonCallableMock", "NonCallableMagicMock",
        "PropertyMock", "create_autospec", "patch"};
    return is_one_of(callee, kMocks);
}

// "tasks" of "tasks.append"; empty if it is no method of something with a name.
std::string owner_of(const std::string& callee) {
    const auto dot = callee.find_last_of('.');
    return dot == std::string::npos ? "" : callee.substr(0, dot);
}

Verdict about_mock(const Scene& scene, std::string_view mock) {
    return {
        .id = "held_by_mock",
        .sentence = scene.coroutine() + " was given to a mock (" + std::string(mock) +
                    "()), which keeps it and gives it to nobody that awaits it",
        .call = {},
        .advice =
            "give the mock the result itself: AsyncMock(return_value=...) makes a coroutine at each call"};
}

Verdict about_container(const Scene& scene, const std::string& made, const std::string& container,
                        const std::string& what) {
    const bool named = !container.empty() && container.find('(') == std::string::npos;
    return {.id = "kept_in_container",
            .sentence = (made.empty() ? scene.coroutine() : made) + " was put into " +
                        (named ? container : "a container") + ", which " + what + "; nothing awaits it",
            .call = {},
            .advice = "await what it holds: await asyncio.gather(*" + (named ? container : "...") + ")"};
}

Verdict about_task(const SiteCode& code, Index made, Index given) {
    const std::string callee = code.describe_callee(given) + "()";
    return {.id = "exception_before_await",
            .sentence = code.name_call(made) + " was given to " + callee +
                        ", the task of which ended before it awaited that, as one does that is cancelled",
            .call = {},
            .advice = "create the coroutine where it is awaited: give " + callee + " its function"};
}

bool makes_container(std::string_view callee) {
    constexpr std::array<std::string_view, 8> kNames = {"list",  "tuple", "set",      "frozenset",
                                                        "deque", "dict",  "reversed", "OrderedDict"};
    return is_one_of(callee, kNames);
}

// The one list or dict of the function's own into which it puts what calls give back.
std::optional<std::string> find_filled(const SiteCode& code) {
    const auto variable = [&](StackFlow::Operand operand) {
        const auto made = code.flow().maker(operand);
        return made && code.at(*made).op == Op::kLoadFast ? code.name_of(*made) : std::string();
    };
    const auto is_call = [&](StackFlow::Operand operand) {
        const auto made = code.flow().maker(operand);
        return made && SiteCode::is_call(code.at(*made).op) && !code.calls_comprehension(*made);
    };
    std::optional<std::string> only;
    for (Index i = 0; i < code.flow().instructions().size(); ++i) {
        const auto operands = code.flow().operands(i);
        std::string name;
        if (code.at(i).op == Op::kStoreSubscript && operands.size() == 3 && is_call(operands[0])) {
            name = variable(operands[1]);
        } else if (code.at(i).row != nullptr && SiteCode::is_call(code.at(i).op) &&
                   puts_into_container(code.callee_name(i)) &&
                   std::ranges::any_of(code.arguments(i), is_call, &CallArgument::operand)) {
            name = owner_of(code.describe_callee(i));
        }
        if (name.empty() || name.find_first_of(".(") != std::string::npos || code.is_parameter(name))
            continue;
        if (only && *only != name) return std::nullopt;
        only = name;
    }
    return only;
}

// `user.name = f()`: an object that is the function's own, and goes with it.
std::optional<Verdict> judge_attribute(const Scene& scene, const SiteCode& code, Index made) {
    const auto store = code.consumer(made);
    if (!store || code.at(*store).op != Op::kStoreAttr || called_by_library(scene, code)) return std::nullopt;
    const auto operands = code.flow().operands(*store);
    const auto owner = operands.size() == 2 ? code.flow().maker(operands[1]) : std::nullopt;
    if (!owner || code.at(*owner).op != Op::kLoadFast || code.is_parameter(code.name_of(*owner)))
        return std::nullopt;
    const std::string attribute = code.name_of(*store);
    const auto awaits_it = [&](const Instruction& instruction) {
        const auto index = static_cast<Index>(&instruction - code.flow().instructions().data());
        if (instruction.op != Op::kGetAwaitable || code.flow().operands(index).empty()) return false;
        const auto maker = code.flow().maker(code.flow().operands(index).front());
        return maker && code.at(*maker).op == Op::kLoadAttr && code.name_of(*maker) == attribute;
    };
    const bool awaited = std::ranges::any_of(code.flow().instructions(), awaits_it);
    return Verdict{.id = "kept_in_container",
                   .sentence = code.name_call(made) + " was put into the attribute " + attribute + " of " +
                               code.name_of(*owner) + ", which ends with its function; nothing awaited it",
                   .repair = awaited ? Repair::kNone : Repair::kAwait,
                   .call = awaited ? std::nullopt : std::optional(made),
                   .advice = awaited ? "find out why the function ended before it came to the await" : ""};
}

// `tasks = [save(x) for x in xs]`, where the comprehension is a function of its own: the variable, if it is
// the only one of its sort.
std::optional<std::string> find_comprehension_store(const SiteCode& code) {
    std::optional<std::string> found;
    for (Index i = 0; i < code.flow().instructions().size(); ++i) {
        if (!is_any(code.at(i).op, {Op::kStoreFast, Op::kStoreDeref})) continue;
        const auto values = code.flow().operands(i);
        const auto made = values.empty() ? std::nullopt : code.flow().maker(values.front());
        if (!made || !SiteCode::is_call(code.at(*made).op) || !code.calls_comprehension(*made)) continue;
        if (found) return std::nullopt;
        found = code.name_of(i);
    }
    return found;
}

}  // namespace

std::optional<std::string> find_container(const SiteCode& code, Index made) {
    auto taker = code.consumer(made);
    for (int step = 0; taker && step < 4; ++step) {
        const Op op = code.at(*taker).op;
        if (is_any(op, {Op::kStoreSubscript, Op::kAppend})) return "";
        if (SiteCode::is_call(op)) {
            const std::string name = code.callee_name(*taker);
            // `deque([f()])`
            if (step > 0 && makes_container(name)) {
                taker = code.consumer(*taker);
                continue;
            }
            const bool puts = puts_into_container(name);
            return puts ? std::optional(owner_of(code.describe_callee(*taker))) : std::nullopt;
        }
        if (is_any(op, {Op::kStoreFast, Op::kStoreDeref}) && step > 0) return code.name_of(*taker);
        if (op != Op::kBuild) return std::nullopt;
        taker = code.consumer(*taker);
    }
    return std::nullopt;
}

bool puts_into_container(std::string_view method) {
    constexpr std::array<std::string_view, 10> kMethods = {"append",     "appendleft", "add",    "put",
                                                           "put_nowait", "insert",     "extend", "push",
                                                           "heappush",   "setdefault"};
    return is_one_of(method, kMethods);
}

bool called_by_library(const Scene& scene, const SiteCode& code) {
    // Text that the program executes, and not what a library wrote: that knows no names of the program's.
    const std::string& file = code.code().filename;
    if (file.starts_with('<') && !file.starts_with("<frozen ") && !code.all_making_calls().empty())
        return false;
    return !scene.own.is_own(code.code().filename) &&
           scene.own.is_own(scene.finding.coroutine.file.value_or(""));
}

bool calls_back(const Scene& scene, const SiteCode& code, Index call) {
    if (called_by_library(scene, code)) return true;
    // `sync_to_async(f)()`: a library's coroutine is no function that the program registered somewhere.
    const auto& file = scene.finding.coroutine.file;
    if (file && !scene.own.is_own(*file)) return false;
    if (scene.entered_other() || !code.all_making_calls().empty()) return false;
    const std::string name = code.callee_name(call);
    const std::string whole = code.describe_callee(call);
    // `getattr(x, "on_load")()`, `handlers[name]()`
    if (name.empty() || whole == "getattr()") return true;
    // Up to 3.10 it is not known what was entered: a method may be a plain one that gives it back.
    if (!scene.entered_last() && whole != name) return false;
    constexpr std::array<std::string_view, 7> kTaking = {"pop",        "popleft", "popitem", "get",
                                                         "get_nowait", "send",    "result"};
    if (whole != name) return !scene.is_borrowed_method() && !is_one_of(name, kTaking);
    if (code.is_parameter(name)) return true;
    for (Index i = 0; i < code.flow().instructions().size(); ++i) {
        if (!is_any(code.at(i).op, {Op::kStoreFast, Op::kStoreDeref}) || code.name_of(i) != name) continue;
        const auto values = code.flow().operands(i);
        const auto made = values.empty() ? std::nullopt : code.flow().maker(values.front());
        if (!made) continue;
        if (is_any(code.at(*made).op, {Op::kForIter, Op::kSubscript, Op::kLoadAttr})) return true;
        const std::string taken = SiteCode::is_call(code.at(*made).op) ? code.callee_name(*made) : "";
        if (taken == "get" || taken == "getattr" || taken == "pop") return true;
    }
    return false;
}

Verdict judge_called_back(const Scene& scene, const SiteCode& code, Index call) {
    const bool library = called_by_library(scene, code);
    const bool awaits = !library && code.is_async();
    return {.id = "async_callback",
            .sentence =
                code.code().name + "()" + (library ? " of a library" : "") + " calls " +
                code.describe_callee(call) + "(), which " +
                (scene.entered_last() || (library && !scene.entered_other()) ? "is the async function "
                                                                             : "gives back the coroutine ") +
                scene.coroutine() + ", as a plain one and does not await what it makes",
            .repair = awaits ? Repair::kAwait : Repair::kNone,
            .call = awaits ? std::optional(call) : std::nullopt,
            .advice =
                awaits
                    ? "if plain functions are called there too, await only what inspect.isawaitable() accepts"
                    : advise_callback(scene),
            .thrown_away = true};
}

namespace {

// `bot = Bot(on_startup=[f()])`: what the call made kept it.
std::optional<Verdict> judge_kept_by_taker(const Scene& scene, const SiteCode& code, Index made) {
    auto taker = code.consumer(made);
    for (int step = 0; taker && code.at(*taker).op == Op::kBuild && step < 4; ++step) {
        taker = code.consumer(*taker);
    }
    if (!taker || !SiteCode::is_call(code.at(*taker).op) || code.flow().operands(*taker).empty())
        return std::nullopt;
    if (is_mock(code.callee_name(*taker))) return about_mock(scene, code.callee_name(*taker));
    // `create_task(limited(f()))`: the task is over, and its traceback kept what it did not come to.
    const auto task = code.consumer(*taker);
    if (task && SiteCode::is_call(code.at(*task).op) &&
        kind_of_callee(code.describe_callee(*task)) == CalleeKind::kSchedules)
        return about_task(code, made, *taker);
    const CalleeKind kind = kind_of_callee(code.describe_callee(*taker));
    const bool listed = taker != code.consumer(made);
    if (kind != CalleeKind::kPlain && (kind != CalleeKind::kCallsBack || listed)) return std::nullopt;
    return judge_passed(scene, code, *taker, made);
}

}  // namespace

std::optional<Verdict> judge_ended_container(const Scene& scene, const SiteCode& code) {
    const char* const ends = "ends with its function";
    const auto making = code.all_making_calls();
    if (making.size() == 1) {
        const auto container = find_container(code, making.front());
        if (container) return about_container(scene, code.name_call(making.front()), *container, ends);
        if (auto verdict = judge_attribute(scene, code, making.front())) return verdict;
        if (auto verdict = judge_kept_by_taker(scene, code, making.front())) return verdict;
    }
    if (making.size() > 1) {
        const auto container = find_container(code, making.front());
        const bool same = container && std::ranges::all_of(making, [&](Index made) {
                              return find_container(code, made) == container;
                          });
        if (same) return about_container(scene, "", *container, ends);
    }
    if (making.empty()) {
        if (const auto variable = find_comprehension_store(code)) {
            return about_container(scene, "", *variable, ends);
        }
    }
    if (auto verdict = judge_only_callback(scene, code)) return verdict;
    const auto filled = making.empty() ? find_filled(code) : std::nullopt;
    if (!filled || called_by_library(scene, code)) return std::nullopt;
    return about_container(scene, "", *filled, ends);
}

std::optional<Verdict> judge_thrown_holder(const Scene& scene, const SiteCode& code, Index call) {
    if (auto verdict = judge_callback(scene, code, call)) return verdict;
    if (auto verdict = judge_called_from_c(scene, code, call)) return verdict;
    // Up to 3.10 a function that has just ended may not be known, and may have held it.
    if (scene.site.ended || scene.layout.frame_rule == FrameRule::kFrameObjects) return std::nullopt;
    // A library that makes a coroutine of its own and gives back what holds it makes something to await.
    if (const auto& file = scene.finding.coroutine.file; file && !scene.own.is_own(*file)) {
        return Verdict{.id = "result_discarded",
                       .sentence = code.describe_callee(call) + "() gives back what waits for " +
                                   scene.coroutine() + ", and the statement throws that away: it never runs",
                       .repair = Repair::kAwait,
                       .call = call};
    }
    return Verdict{.id = "kept_in_container",
                   .sentence = "what " + code.describe_callee(call) + "() gave back held " +
                               scene.coroutine() + ", and the statement throws it away; nothing awaits it",
                   .call = {},
                   .advice = "await what " + code.describe_callee(call) +
                             "() returns, or find out where it calls " + scene.names.name + "()"};
}

std::optional<Verdict> judge_stored_holder(const Scene& scene, const SiteCode& code, Index store,
                                           const std::string& what) {
    // With "!" at its end the variable was the coroutine itself.
    const bool itself = what.ends_with('!');
    const std::string end = itself ? what.substr(0, what.size() - 1) : what;
    const auto values = code.flow().operands(store);
    const auto made = values.empty() ? std::nullopt : code.flow().maker(values.front());
    if (!made) return std::nullopt;
    const Op op = code.at(*made).op;
    const std::string variable = code.name_of(store);
    if (itself && is_any(op, {Op::kEndSend, Op::kSend, Op::kYieldFrom})) {
        return Verdict{.id = "assigned_never_used",
                       .sentence = "what was awaited gave back another coroutine, " + scene.coroutine() +
                                   ", which was assigned to " + variable + ", which " + end +
                                   " and is never awaited",
                       .call = {},
                       .advice = "in the function that is awaited here, return await ..."};
    }
    if (!SiteCode::is_call(op) && op != Op::kBuild) return std::nullopt;
    if (!itself) {
        const auto inside = code.find_making_call(values.front());
        const bool mock = SiteCode::is_call(op) && is_mock(code.callee_name(*made));
        if (mock && (inside || op != Op::kBuild)) return about_mock(scene, code.callee_name(*made));
        return inside ? std::optional(about_container(scene, code.name_call(*inside), variable, end))
                      : std::nullopt;
    }
    if (!SiteCode::is_call(op)) return std::nullopt;
    if (auto verdict = judge_callback(scene, code, *made)) return verdict;
    const std::string callee = code.describe_callee(*made);
    if (called_by_library(scene, code)) {
        return Verdict{.id = "async_callback",
                       .sentence = code.code().name + "() of a library calls " + callee +
                                   "(), which gives back the coroutine " + scene.coroutine() +
                                   ", and does not await it",
                       .call = {},
                       .advice = advise_callback(scene)};
    }
    return Verdict{.id = "assigned_never_used",
                   .sentence = callee + "() gives back the coroutine " + scene.coroutine() +
                               ", which was assigned to " + variable + ", which " + end +
                               " and is never awaited",
                   .repair = Repair::kAwait,
                   .call = made};
}

std::optional<Verdict> judge_awaited_container(const Scene& scene, const SiteCode& code, Index index) {
    const auto operands = code.flow().operands(index);
    const auto made = operands.empty() ? std::nullopt : code.flow().maker(operands.front());
    if (!made) return std::nullopt;
    const auto making = code.all_making_calls();
    const bool comprehension =
        SiteCode::is_call(code.at(*made).op) && code.calls_comprehension(*made) && making.empty();
    const bool built = code.at(*made).op == Op::kBuild && !making.empty();
    if (!comprehension && !built) return std::nullopt;
    return Verdict{.id = "kept_in_container",
                   .sentence = (making.size() == 1 ? code.name_call(making.front()) : scene.coroutine()) +
                               " is in a list or the like, and that is awaited in its place, which raised",
                   .call = {},
                   .advice = "await what it holds: await asyncio.gather(*...)"};
}

std::optional<Verdict> judge_emptied(const SiteCode& code, Index call, const Scene& scene) {
    constexpr std::array<std::string_view, 8> kMethods = {"clear",   "cache_clear", "pop",     "popitem",
                                                          "popleft", "remove",      "discard", "reset_mock"};
    // Of a deque that is full, or where there was something else.
    constexpr std::array<std::string_view, 5> kReplacing = {"append", "appendleft", "extend", "extendleft",
                                                            "update"};
    const std::string method = code.callee_name(call);
    const std::string callee = code.describe_callee(call);
    const std::string owner = owner_of(callee);
    if (owner.empty()) return std::nullopt;
    if (is_one_of(method, kReplacing) && scene.layout.frame_rule != FrameRule::kFrameObjects) {
        return Verdict{.id = "kept_in_container",
                       .sentence = scene.coroutine() + " was kept in " + owner + ", or in what that held, " +
                                   "until " + callee +
                                   "() put something else in its place; nothing awaited it",
                       .advice = "await it before it is replaced"};
    }
    if (!is_one_of(method, kMethods)) return std::nullopt;
    return Verdict{.id = "kept_in_container",
                   .sentence = scene.coroutine() + " was kept in " + owner +
                               ", or in what that held, until " + callee +
                               "() was called; nothing awaited it",
                   .call = {},
                   .advice = "await it before it is taken out of " + owner};
}

}  // namespace corotrace
