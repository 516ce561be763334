// SPDX-License-Identifier: MIT
#include "tests/support/interpreters.hpp"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>

namespace corotrace {

namespace {

std::string read_file(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string run(const std::string& command) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
    std::string text;
    char buffer[4096];
    while (pipe) {
        const std::size_t got = std::fread(buffer, 1, sizeof buffer, pipe.get());
        if (got == 0) break;
        text.append(buffer, got);
    }
    return text;
}

}  // namespace

std::vector<FoundInterpreter> find_interpreters() {
    const auto found =
        nlohmann::json::parse(run("python3 " COROTRACE_TEST_DATA "/../scripts/find_interpreters.py --json"));
    std::vector<FoundInterpreter> interpreters;
    for (const auto& one : found) interpreters.push_back({one.at("id"), one.at("argv")});
    return interpreters;
}

TellingProgram run_telling(const FoundInterpreter& interpreter, const std::vector<std::string>& options,
                           const std::string& script) {
    auto command = interpreter.argv;
    command.insert(command.end(), options.begin(), options.end());
    command.insert(command.end(), {"-c", read_file(script)});
    ChildProcess process = ChildProcess::run_ready(command);
    auto facts = nlohmann::json::parse(process.first_line());
    return {std::move(process), std::move(facts)};
}

}  // namespace corotrace
