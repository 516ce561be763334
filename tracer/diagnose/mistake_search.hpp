// SPDX-License-Identifier: MIT
// What the text of the program tells where its stack does not: the one line that can have done it. Pure.
#pragma once

#include <optional>
#include <string>

#include "tracer/diagnose/source_lines.hpp"
#include "tracer/findings/finding.hpp"
#include "tracer/findings/own_code.hpp"

namespace corotrace {

// "Store.save()", and "save".
[[nodiscard]] std::string coroutine_of(const Finding& finding);
[[nodiscard]] std::string last_name(const Finding& finding);

// The event loop let go of what an executor's thread gave back: the line that gives it the async function.
void find_given_to_executor(Finding& finding, const SourceLines& sources, const OwnCode& own);

// The coroutine of a method holds the object, so an attribute of that which holds the coroutine is a cycle:
// the line that created it, or else the one line of the method's file that puts such a one there.
void find_own_attribute(Finding& finding, std::optional<int> created, const SourceLines& sources,
                        const OwnCode& own);

}  // namespace corotrace
