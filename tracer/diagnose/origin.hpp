// SPDX-License-Identifier: MIT
// Where an operand of an instruction that raised comes from. For mistake_raised.cpp. Pure.
#pragma once

#include <optional>

#include "tracer/diagnose/mistake_rules.hpp"

namespace corotrace {

struct Origin {
    SiteCode::Index call = 0;  // that made the coroutine, or gave it back
    bool alone = true;         // nothing else was ever assigned to the variable
    bool inside = false;       // it lies in a list or the like
    bool named = true;         // `call` is one of the coroutine's name
};

// A call of the coroutine's name, at once or by way of a variable or container.
[[nodiscard]] std::optional<Origin> find_origin(const SiteCode& code, StackFlow::Operand operand);

// The one call, or operator, whose result the function keeps in a variable, if the operand is that variable.
[[nodiscard]] std::optional<Origin> find_only_result(const Scene& scene, const SiteCode& code,
                                                     StackFlow::Operand operand);

// What was awaited gave it: at once, or by way of the only variable that was given anything by a call or an
// await. Silent where the code names the coroutine's function, for then that may have made it.
[[nodiscard]] std::optional<Origin> find_awaited(const SiteCode& code, StackFlow::Operand operand);

// The operand is a variable that held the coroutine when the function ended. Silent where variables are not
// known, and about parameters that the function gives no other value: whoever passed it is to blame.
[[nodiscard]] std::optional<Origin> find_held_variable(const SiteFrame& frame, const SiteCode& code,
                                                       StackFlow::Operand operand);

}  // namespace corotrace
