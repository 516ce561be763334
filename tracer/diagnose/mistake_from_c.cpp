// SPDX-License-Identifier: MIT
// Mistakes that no instruction shows: C code called the async function, as a hook of the interpreter or as
// what a call was given.
#include "tracer/diagnose/mistake_rules.hpp"

namespace corotrace {

std::optional<Verdict> judge_called_from_c(const Scene& scene, const SiteCode& code, SiteCode::Index call) {
    // What generators and tasks call looks like calls of the function that runs them. These run none: a class
    // or function that is given nothing, and the collector, whose callbacks may.
    const std::string callee = code.describe_callee(call);
    const bool collector = scene.site.collecting && (callee == "gc.collect" || callee == "collect");
    const bool plain = callee.find_first_of(".(") == std::string::npos && code.arguments(call).empty();
    if (!scene.entered_last() || !code.all_making_calls().empty() || !(collector || plain))
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
