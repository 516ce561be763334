// SPDX-License-Identifier: MIT
// Mistakes by the variable that held the coroutine: it got another value, was deleted, or ended.
#include <algorithm>
#include <span>
#include <vector>

#include "tracer/diagnose/mistake_rules.hpp"

namespace corotrace {

namespace {

using Index = SiteCode::Index;

// The variable is called, as a function would be.
bool calls_variable(const SiteCode& code, const std::string& variable) {
    for (Index i = 0; i < code.flow().instructions().size(); ++i) {
        if (code.at(i).row == nullptr || !SiteCode::is_call(code.at(i).op)) continue;
        if (code.describe_callee(i) == variable) return true;
    }
    return false;
}

// `x = await f()` in one branch and `x = f()` in another: the one store of what was called and not awaited.
std::optional<Index> find_unawaited_store(const SiteCode& code, Index index) {
    std::optional<Index> only;
    for (const Index store : code.stores_like(index)) {
        const auto values = code.flow().operands(store);
        const auto made = values.empty() ? std::nullopt : code.flow().maker(values.front());
        if (!made) return std::nullopt;
        const Op op = code.at(*made).op;
        if (is_any(op, {Op::kEndSend, Op::kSend, Op::kYieldFrom, Op::kLoadConst})) continue;
        if (only || !SiteCode::is_call(op)) return std::nullopt;
        only = store;
    }
    return only;
}

// Up to 3.10 variables are empty by then. If one call of the function's code can have made it, and that goes
// to a variable, it is that one.
std::optional<Index> find_only_store(const SiteCode& code) {
    const auto making = code.all_making_calls();
    if (making.size() != 1) return std::nullopt;
    const auto store = code.consumer(making.front());
    const bool variable = store && is_any(code.at(*store).op, {Op::kStoreFast, Op::kStoreDeref});
    return variable ? store : std::nullopt;
}

// Which calls of the coroutine's name were stored in the variable that `index` names, and whether anything
// else may have been.
struct Makers {
    std::vector<Index> making;
    bool others = false;
};

Makers find_makers(const SiteCode& code, Index index) {
    Makers found{.making = {}, .others = code.is_parameter(code.name_of(index))};
    for (const Index store : code.stores_like(index)) {
        const auto operands = code.flow().operands(store);
        const auto makers =
            operands.empty() ? std::span<const std::uint32_t>() : code.flow().makers(operands.front());
        found.others = found.others || makers.empty();
        for (const std::uint32_t made : makers) {
            const Op op = code.at(made).op;
            if (code.makes_coroutine(made)) {
                found.making.push_back(made);
            } else if (SiteCode::is_call(op) || op == Op::kForIter) {
                found.others = true;
            }
        }
    }
    return found;
}

// Something else made it.
std::optional<Verdict> judge_given_variable(const Scene& scene, const SiteCode& code, Index index,
                                            const std::string& what, bool held) {
    const std::string variable = code.name_of(index);
    if (held && calls_variable(code, variable)) {
        return Verdict{.id = "passed_as_callback",
                       .sentence = "the coroutine " + scene.coroutine() +
                                   " was given where a function belongs: " + code.code().name + "() calls " +
                                   variable + "()",
                       .call = {},
                       .advice = "pass the function itself, without calling it: " + scene.reference()};
    }
    if (code.is_parameter(variable)) return std::nullopt;
    const std::string end = held ? what + "!" : what;
    if (held) {
        if (const auto store = find_unawaited_store(code, index))
            return judge_stored_holder(scene, code, *store, end);
    }
    const auto stores = code.stores_like(index);
    if (stores.size() != 1) return std::nullopt;
    if (auto verdict = judge_loop_variable(scene, code, stores.front(), what, held)) return verdict;
    return judge_stored_holder(scene, code, stores.front(), end);
}

}  // namespace

std::optional<Verdict> judge_variable(const Scene& scene, const SiteCode& code, Index index,
                                      const std::string& what, bool held) {
    const std::string variable = code.name_of(index);
    const auto [making, others] = find_makers(code, index);
    if (making.empty()) return judge_given_variable(scene, code, index, what, held);
    if (called_by_library(scene, code)) {
        Verdict verdict = judge_called_back(scene, code, making.front());
        verdict.thrown_away = false;
        return verdict;
    }
    if (making.size() == 1) {
        if (auto verdict = judge_schedule_in_try(scene, code, variable, making.front())) return verdict;
    }
    const bool awaited = code.awaits(variable);
    const bool one = making.size() == 1 && !others;
    const bool proves = one && scene.made_by(code, making.front()) && code.all_making_calls().size() == 1;
    if (making.size() == 1) {
        if (auto verdict = judge_tested_variable(code, making.front())) {
            verdict->proves_creation = proves;
            return verdict;
        }
    }
    return Verdict{.id = "assigned_never_used",
                   .sentence = code.name_call(making.front()) + " was assigned to " + variable + ", which " +
                               what + (awaited ? " before it was awaited" : " and is never awaited"),
                   .repair = Repair::kAwait,
                   .call = making.size() == 1 ? std::optional(making.front()) : std::nullopt,
                   .proves_creation = proves};
}

std::optional<Verdict> judge_shared_variable(const Scene& scene, const SiteCode& code, Index index) {
    const bool shared = is_any(code.at(index).op, {Op::kStoreDeref, Op::kStoreGlobal, Op::kStoreName,
                                                   Op::kDeleteDeref, Op::kDeleteGlobal, Op::kDeleteName});
    if (!shared || called_by_library(scene, code)) return std::nullopt;
    return Verdict{.id = "kept_in_container",
                   .sentence = scene.coroutine() + " was kept in the variable " + code.name_of(index) +
                               ", or in what that held, until that was given another value or deleted; "
                               "nothing awaited it",
                   .call = {},
                   .advice = "await it before that"};
}

namespace {

std::optional<Verdict> judge_ended_variable(const Scene& scene, const SiteCode& code) {
    const SiteFrame& ended = *scene.site.ended;
    const char* const ends = "ends with its function";
    if (scene.layout.frame_rule == FrameRule::kFrameObjects) {
        const auto store = find_only_store(code);
        return store ? judge_variable(scene, code, *store, ends) : std::nullopt;
    }
    if (ended.held->variables.size() != 1) return std::nullopt;
    const std::uint32_t slot = ended.held->variables.front();
    if (slot >= ended.bytecode->variables.size() || slot < ended.code->parameters) return std::nullopt;
    const std::string& variable = ended.bytecode->variables[slot];
    for (Index i = 0; i < code.flow().instructions().size(); ++i) {
        if (is_any(code.at(i).op, {Op::kStoreFast, Op::kStoreDeref}) && code.name_of(i) == variable) {
            return judge_variable(scene, code, i, ends, true);
        }
    }
    return std::nullopt;
}

// A library kept what it made in a variable of its own.
std::optional<Verdict> judge_ended_library(const Scene& scene, const SiteCode& code) {
    const auto& variables = scene.site.ended->held->variables;
    if (!called_by_library(scene, code) || variables.size() != 1) return std::nullopt;
    const auto& names = scene.site.ended->bytecode->variables;
    if (variables.front() >= names.size() || code.is_parameter(names[variables.front()])) return std::nullopt;
    // Of a function within the one that was given it.
    if (would_await(scene, *scene.site.ended)) {
        return Verdict{.id = "exception_before_await",
                       .sentence = code.code().qualname + "() was to await the coroutine " +
                                   scene.coroutine() +
                                   ", and ended before that, as one does that is "
                                   "cancelled",
                       .advice = "create the coroutine where it is awaited: pass the function that makes it"};
    }
    if (names_function(names[variables.front()])) {
        return Verdict{.id = "passed_as_callback",
                       .sentence = code.code().qualname + "() of a library has the coroutine " +
                                   scene.coroutine() + " where a function to call belongs",
                       .call = {},
                       .advice = "pass the function itself, without calling it: " + scene.reference()};
    }
    return Verdict{.id = "async_callback",
                   .sentence = code.code().qualname + "() of a library called the async function " +
                               scene.coroutine() + " as a plain one, and did not await what it made",
                   .call = {},
                   .advice = advise_callback(scene)};
}

}  // namespace

std::optional<Verdict> judge_ended(const Scene& scene, const SiteCode& code) {
    const SiteFrame& ended = *scene.site.ended;
    if (!ended.held || !ended.bytecode) return std::nullopt;
    if (auto verdict = judge_ended_variable(scene, code)) return verdict;
    if (auto verdict = judge_ended_library(scene, code)) return verdict;
    return ended.held->variables.empty() ? judge_ended_container(scene, code)
                                         : judge_only_callback(scene, code);
}

}  // namespace corotrace
