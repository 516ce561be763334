// SPDX-License-Identifier: MIT
// The interpreters of this machine, and a Python program run by one of them that stays and tells about
// itself.
#pragma once

#include <string>
#include <vector>

#include "tests/support/child_process.hpp"
#include "tests/support/json.hpp"

namespace corotrace {

struct FoundInterpreter {
    std::string id;                 // "3.11.7-pyenv"
    std::vector<std::string> argv;  // what runs it
};

// What scripts/find_interpreters.py finds. Cost: some 100 ms.
[[nodiscard]] std::vector<FoundInterpreter> find_interpreters();

struct TellingProgram {
    ChildProcess process;
    nlohmann::json facts;  // the line that the program wrote
};

// Runs the file `script` by `python -c` with `options` before, so that it need not lie below a chroot's root.
[[nodiscard]] TellingProgram run_telling(const FoundInterpreter& interpreter,
                                         const std::vector<std::string>& options, const std::string& script);

}  // namespace corotrace
