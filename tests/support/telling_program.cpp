// SPDX-License-Identifier: MIT
#include "tests/support/telling_program.hpp"

#include <fstream>
#include <iterator>

namespace corotrace {

TellingProgram run_telling(std::vector<std::string> command, const std::string& script) {
    std::ifstream file(script);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    command.insert(command.end(), {"-c", text});
    ChildProcess process = ChildProcess::run_ready(command);
    auto facts = nlohmann::json::parse(process.first_line());
    return {std::move(process), std::move(facts)};
}

}  // namespace corotrace
