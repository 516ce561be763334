// SPDX-License-Identifier: MIT
// Mistakes of loops: over a list of coroutines, or with one in the loop's variable.
#include <span>

#include "tracer/diagnose/mistake_rules.hpp"

namespace corotrace {

namespace {

using Index = SiteCode::Index;

// What the loop at the GET_ITER goes over: the first call in it that makes the coroutine. Null: it shows
// none.
std::optional<Index> find_listed(const SiteCode& code, Index get_iter) {
    const auto values = code.flow().operands(get_iter);
    const auto making = values.empty() ? std::vector<Index>() : code.making_calls_in(values.front());
    return making.empty() ? std::nullopt : std::optional(making.front());
}

// Of a FOR_ITER, or what throws the iterator away.
std::optional<Index> find_get_iter(const SiteCode& code, Index index) {
    const auto* stack = code.flow().find_stack(index);
    if (stack == nullptr || stack->empty()) return std::nullopt;
    for (const std::uint32_t made : code.flow().makers(stack->back())) {
        if (code.at(made).op == Op::kGetIter) return made;
    }
    return std::nullopt;
}

}  // namespace

std::optional<Verdict> judge_loop(const Scene& scene, const SiteCode& code, Index index) {
    const auto get_iter = find_get_iter(code, index);
    if (!get_iter) return std::nullopt;
    const auto listed = find_listed(code, *get_iter);
    const bool over = code.at(index).op == Op::kForIter;
    if (!listed && !code.all_making_calls().empty()) return std::nullopt;
    const std::string end = over ? ", which the loop has gone through without awaiting it"
                                 : ", and the loop ended before its turn: nothing awaits it";
    return Verdict{.id = "kept_in_container",
                   .sentence = (listed ? code.name_call(*listed) : scene.coroutine()) +
                               " was in what a loop goes over" + end,
                   .call = {},
                   .advice = "await each in the loop, or all: await asyncio.gather(*...)"};
}

std::optional<Verdict> judge_loop_variable(const Scene& scene, const SiteCode& code, Index store,
                                           const std::string& end, bool itself) {
    const auto values = code.flow().operands(store);
    const auto next = values.empty() ? std::nullopt : code.flow().maker(values.front());
    if (!next || code.at(*next).op != Op::kForIter) return std::nullopt;
    const auto get_iter = find_get_iter(code, *next);
    const auto listed = get_iter ? find_listed(code, *get_iter) : std::nullopt;
    // `for row in map(f, xs)`
    const auto iterated = get_iter ? code.flow().operands(*get_iter) : std::span<const StackFlow::Operand>();
    const auto call = iterated.empty() ? std::nullopt : code.flow().maker(iterated.front());
    if (!listed && call && SiteCode::is_call(code.at(*call).op)) {
        if (auto verdict = judge_callback(scene, code, *call)) return verdict;
    }
    if (!itself && !listed) return std::nullopt;
    const std::string variable = code.name_of(store);
    const bool awaited = code.awaits(variable);
    return Verdict{.id = "assigned_never_used",
                   .sentence = (listed ? code.name_call(*listed) : scene.coroutine()) +
                               " came to the loop's variable " + variable + ", which " + end +
                               (awaited ? " before it was awaited" : " and is never awaited"),
                   .call = {},
                   .advice = "await " + variable + " in the loop"};
}

}  // namespace corotrace
