// SPDX-License-Identifier: MIT
#include "tests/layouts/live_target.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>

#include "cpython_layouts/registry.hpp"

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

LiveTarget start(const nlohmann::json& interpreter, const std::string& script) {
    auto command = interpreter.at("argv").get<std::vector<std::string>>();
    command.insert(command.end(), {"-c", script});
    ChildProcess process = ChildProcess::run_ready(command);
    auto facts = nlohmann::json::parse(process.first_line());
    auto memory = ProcessMemory::open(process.pid(), false);
    if (!memory) std::abort();
    const auto version = parse_version(facts.at("version").get<std::string>());
    const auto layout = find_layout(version.value_or(PythonVersion{}));
    return {interpreter.at("id"),
            std::move(process),
            std::move(facts),
            std::move(*memory),
            version.value_or(PythonVersion{}),
            layout ? *layout : nullptr};
}

}  // namespace

const std::vector<LiveTarget>& live_targets() {
    static const std::vector<LiveTarget> targets = [] {
        const std::string tests = COROTRACE_TEST_DATA;
        const auto found =
            nlohmann::json::parse(run("python3 " + tests + "/../scripts/find_interpreters.py --json"));
        const std::string script = read_file(tests + "/layouts/objects.py");
        std::vector<LiveTarget> started;
        for (const auto& interpreter : found) started.push_back(start(interpreter, script));
        return started;
    }();
    return targets;
}

}  // namespace corotrace
