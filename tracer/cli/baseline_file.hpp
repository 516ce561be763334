// SPDX-License-Identifier: MIT
// The file of a baseline: read before anything is watched, written whole at the end.
#pragma once

#include <string>

#include "symbols/result.hpp"
#include "tracer/cli/arguments.hpp"
#include "tracer/findings/baseline.hpp"

namespace corotrace::cli {

struct BaselineChoice {
    std::string path;  // empty: none
    bool updates = false;
};

// --baseline, --update-baseline. Errors: usage.
[[nodiscard]] Result<BaselineChoice> read_baseline_choice(const Arguments& arguments);

// Without a file where one is to be made: nothing is known. Errors: usage (there is no such file, or it is no
// baseline), io.
[[nodiscard]] Result<Baseline> read_baseline(const BaselineChoice& choice, const OwnCode& own);

// Takes the place of the old one in one step, with its permissions. Errors: io.
[[nodiscard]] Status write_baseline(const BaselineChoice& choice, const Baseline& baseline);

// "2026-11-25", as it is here.
[[nodiscard]] std::string describe_today();

// On standard error: rules that matched nothing, and how many entries.
void tell_unused(const BaselineChoice& choice, const Baseline& baseline);

}  // namespace corotrace::cli
