// SPDX-License-Identifier: MIT
// In which test a coroutine was made. A collector may run it down some tests later, so the test that is
// current at its drop need not be the one.
#pragma once

#include <optional>
#include <string>

#include "tracer/findings/finding.hpp"

namespace corotrace {

// By the stack on which it was made: below the runner's own functions (pytest's, unittest's) stands the test
// or fixture. The id of the current test, if that is the same function; parameters are left out, for another
// one of them may have made it. Else "FILE::FUNCTION (call)"; setup, teardown and fixture are told as such.
// Where the code at the drop proves that the same frame made it: the current test. Null: in none, or not
// known, as without a stack that reaches so far (--origin N). Pure.
[[nodiscard]] std::optional<std::string> find_created_test(const Finding& finding);

}  // namespace corotrace
