// SPDX-License-Identifier: MIT
#include "tests/support/interpreters.hpp"
#include "tests/support/test_data.hpp"

#include <cstdio>
#include <sstream>

namespace corotrace {

bool TestInterpreter::has(const std::string& trait) const {
    return ("," + traits + ",").find("," + trait + ",") != std::string::npos;
}

std::vector<std::string> TestInterpreter::running(const std::string& code) const {
    auto arguments = command;
    arguments.insert(arguments.end(), {"-c", code});
    return arguments;
}

std::vector<TestInterpreter> find_interpreters() {
    std::vector<TestInterpreter> found;
    FILE* script =
        ::popen(("python3 " + test::test_data("../scripts/find_interpreters.py") + " --lines").c_str(), "r");
    if (script == nullptr) return found;
    std::string text;
    for (int c = std::fgetc(script); c != EOF; c = std::fgetc(script)) text += static_cast<char>(c);
    ::pclose(script);

    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        TestInterpreter interpreter;
        std::istringstream fields(line);
        std::getline(fields, interpreter.id, '\t');
        std::getline(fields, interpreter.traits, '\t');
        for (std::string word; std::getline(fields, word, ' ');) interpreter.command.push_back(word);
        if (!interpreter.command.empty()) found.push_back(interpreter);
    }
    return found;
}

}  // namespace corotrace
