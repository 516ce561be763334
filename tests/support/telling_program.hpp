// SPDX-License-Identifier: MIT
// TellingProgram: a Python program that stays and has told about itself in one JSON line.
#pragma once

#include <string>
#include <vector>

#include "tests/support/child_process.hpp"
#include "tests/support/json.hpp"

namespace corotrace {

struct TellingProgram {
    ChildProcess process;
    nlohmann::json facts;
};

// Runs `command` (an interpreter and its options) with the text of the file `script` behind -c, so that the
// file need not lie below a chroot's root.
[[nodiscard]] TellingProgram run_telling(std::vector<std::string> command, const std::string& script);

}  // namespace corotrace
