// SPDX-License-Identifier: MIT
// The CPythons of this machine that tests can run, as scripts/find_interpreters.py lists them.
#pragma once

#include <string>
#include <vector>

namespace corotrace {

struct TestInterpreter {
    std::string id;      // "3.11.2-debian"
    std::string traits;  // "static,stripped,lto"
    std::vector<std::string> command;

    [[nodiscard]] bool has(const std::string& trait) const;
    // The command with `-c code`.
    [[nodiscard]] std::vector<std::string> running(const std::string& code) const;
};

// Empty if the script cannot be run.
[[nodiscard]] std::vector<TestInterpreter> find_interpreters();

}  // namespace corotrace
