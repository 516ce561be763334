// SPDX-License-Identifier: MIT
#include "tracer/diagnose/culprit.hpp"

#include <span>
#include <string_view>
#include <utility>

namespace corotrace {

namespace {

using Index = SiteCode::Index;

constexpr std::string_view kMakes = "makes a coroutine";

bool gives_what_was_awaited(const SiteCode& code, StackFlow::Operand operand) {
    const auto made = code.flow().maker(operand);
    return made && is_any(code.at(*made).op, {Op::kEndSend, Op::kSend, Op::kYieldFrom});
}

// `await f() == 1` where the instruction has overwritten its operands: what a variable holds is not dropped,
// and a constant is none.
std::optional<Culprit> find_only_awaited(const SiteCode& code, std::span<const StackFlow::Operand> operands) {
    if (!code.all_making_calls().empty()) return std::nullopt;
    std::optional<Culprit> only;
    for (std::size_t i = 0; i < operands.size(); ++i) {
        if (gives_what_was_awaited(code, operands[i])) {
            if (only) return std::nullopt;
            only = Culprit{.call = {}, .operand = i, .awaited = true};
            continue;
        }
        const auto made = code.flow().maker(operands[i]);
        const bool kept = made && (is_any(code.at(*made).op, {Op::kLoadConst, Op::kLoadFast, Op::kLoadDeref,
                                                              Op::kLoadGlobal, Op::kLoadName}) ||
                                   code.at(*made).row->name == "LOAD_SMALL_INT");
        if (!kept) return std::nullopt;
    }
    return only;
}

// The call or attribute that gave it back.
std::optional<Index> find_giver(const SiteCode& code, StackFlow::Operand operand) {
    const auto made = code.flow().maker(operand);
    if (!made || code.at(*made).op == Op::kLoadAttr) return made;
    if (!SiteCode::is_call(code.at(*made).op)) return std::nullopt;
    // `getattr(x, "y", save())` gave back what it was given.
    const auto given = code.find_making_call(operand);
    return given ? given : made;
}

}  // namespace

// Where the instruction has a result, that takes a place among the operands, in some versions before they are
// dropped and the others having moved: then the name decides first.
std::optional<Culprit> find_culprit(const SiteCode& code, Index index) {
    const auto operands = code.flow().operands(index);
    const auto* stack = code.flow().find_stack(index);
    const bool moved = code.at(index).op == Op::kJumpIfNone ||  // it compares first
                       count_stack(code.at(index).row->effect, code.at(index).arg).pushes > 0;
    std::optional<Culprit> named;
    std::optional<Culprit> held;
    for (std::size_t i = operands.size(); i-- > 0;) {
        const auto at_place = code.held_at(static_cast<std::uint32_t>(stack->size() - operands.size() + i));
        const auto call = code.making_maker(operands[i]);
        if (!held && at_place.value_or(false)) held = Culprit{call, i};
        if (held && held->operand == i && !call && code.at(index).op != Op::kPopTop)
            held->call = find_giver(code, operands[i]);
        if (!named && call && (moved || !at_place)) named = Culprit{call, i};
    }
    if (moved && named) return named;
    if (held) {
        held->awaited = !held->call && gives_what_was_awaited(code, operands[held->operand]);
        return held;
    }
    return named || !moved ? named : find_only_awaited(code, operands);
}

Verdict about(const Scene& scene, const SiteCode& code, const Culprit& culprit, std::string id,
              const std::string& what) {
    const std::string name = culprit.call ? code.name_call(*culprit.call) : scene.coroutine();
    const bool given_back = culprit.call && !code.makes_coroutine(*culprit.call);
    if (given_back || culprit.awaited) {
        const std::string rest = what.starts_with(kMakes) ? what.substr(kMakes.size()) : ": it " + what;
        const std::string begin = given_back ? name + " gives back" : "what was awaited here gave back";
        return {.id = std::move(id),
                .sentence = begin + " the coroutine " + scene.coroutine() + rest,
                .repair = given_back ? Repair::kAwait : Repair::kNone,
                .call = culprit.call,
                .advice = given_back ? ""
                                     : "in the function that is awaited here, return await ...; or await its "
                                       "result as well: await (await ...)"};
    }
    return {.id = std::move(id),
            .sentence = name + " " + what,
            .repair = Repair::kAwait,
            .call = culprit.call,
            .proves_creation =
                culprit.call && scene.made_by(code, *culprit.call) && code.is_last_call(*culprit.call)};
}

}  // namespace corotrace
