// SPDX-License-Identifier: MIT
// Which operand of an instruction the coroutine was, and what to say of it. For mistake*.cpp only. Pure.
#pragma once

#include <optional>
#include <string>

#include "tracer/diagnose/mistake_rules.hpp"

namespace corotrace {

struct Culprit {
    std::optional<SiteCode::Index> call;  // that made it: of the coroutine's name, or what gave it back
    std::size_t operand = 0;              // which one, from below
    bool awaited = false;                 // an await gave it
};

// An operand that is the coroutine: because its place holds it, or because it comes from a call of its name,
// or because it alone is nothing that the code keeps or knows.
[[nodiscard]] std::optional<Culprit> find_culprit(const SiteCode& code, SiteCode::Index index);

// `what` goes on from "save()", as in "makes a coroutine, and the text shows that".
[[nodiscard]] Verdict about(const Scene& scene, const SiteCode& code, const Culprit& culprit, std::string id,
                            const std::string& what);

}  // namespace corotrace
