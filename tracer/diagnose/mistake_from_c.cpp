// SPDX-License-Identifier: MIT
// Mistakes that no instruction shows: C code called the async function, as a hook of the interpreter or as
// what a call was given.
#include <algorithm>
#include <array>
#include <string_view>

#include "tracer/diagnose/code_text.hpp"
#include "tracer/diagnose/mistake_rules.hpp"

namespace corotrace {

std::optional<Verdict> judge_called_from_c(const Scene& scene, const SiteCode& code, SiteCode::Index call) {
    // What generators and tasks call looks like calls of the function that runs them. These run none: what is
    // given constants only, but for their own methods, and the collector, whose callbacks may.
    constexpr std::array<std::string_view, 5> kResume = {"send", "throw", "close", "__next__", "result"};
    const std::string callee = code.describe_callee(call);
    const bool collector = scene.site.collecting && (callee == "gc.collect" || callee == "collect");
    const auto arguments = code.arguments(call);
    const bool plain = !is_one_of(code.callee_name(call), kResume) &&
                       std::ranges::all_of(arguments, [&](const CallArgument& argument) {
                           const auto made = code.flow().maker(argument.operand);
                           return made && code.at(*made).op == Op::kLoadConst;
                       });
    // It reads an attribute, which may be an async property.
    const bool reads = callee == "hasattr";
    const bool by_key = std::ranges::find(arguments, "key", &CallArgument::keyword) != arguments.end();
    if (!scene.entered_last() || !code.all_making_calls().empty() || !(collector || plain || reads || by_key))
        return std::nullopt;
    return Verdict{.id = "async_callback",
                   .sentence = "Python itself, or a module in C, called the async function " +
                               scene.coroutine() + " as a plain one while " + code.code().name +
                               "() ran, as a hook or a callback, and does not await what it makes",
                   .call = {},
                   .advice = advise_callback(scene),
                   .thrown_away = true};
}

}  // namespace corotrace
