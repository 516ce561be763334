// SPDX-License-Identifier: MIT
// LiveTarget: an interpreter of this machine that runs objects.py, blocked and holding still, with what it
// told.
#pragma once

#include <string>
#include <vector>

#include "cpython_layouts/layout.hpp"
#include "cpython_layouts/version.hpp"
#include "symbols/process_memory.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/json.hpp"

namespace corotrace {

struct LiveTarget {
    std::string id;  // "3.11.7-pyenv"
    ChildProcess process;
    nlohmann::json facts;
    ProcessMemory memory;
    PythonVersion version;
    const Layout* layout = nullptr;

    [[nodiscard]] RemoteAddr address(const char* fact) const { return {facts.at(fact).get<std::uint64_t>()}; }
};

// One for each interpreter that scripts/find_interpreters.py finds, started once and kept for the whole run.
[[nodiscard]] const std::vector<LiveTarget>& live_targets();

[[nodiscard]] inline RemoteAddr address_of(const nlohmann::json& told) {
    return {told.at("address").get<std::uint64_t>()};
}

}  // namespace corotrace
