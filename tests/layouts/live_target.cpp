// SPDX-License-Identifier: MIT
#include "tests/layouts/live_target.hpp"

#include <cstdlib>

#include "cpython_layouts/registry.hpp"
#include "tests/support/interpreters.hpp"
#include "tests/support/telling_program.hpp"
#include "tests/support/test_data.hpp"

namespace corotrace {

namespace {

LiveTarget start(const TestInterpreter& interpreter) {
    auto program = run_telling(interpreter.command, test::test_data("layouts/objects.py"));
    auto memory = ProcessMemory::open(program.process.pid(), false);
    const auto version = parse_version(program.facts.at("version").get<std::string>());
    if (!memory || !version) std::abort();
    const auto layout = find_layout(*version);
    return {interpreter.id, std::move(program.process), std::move(program.facts), std::move(*memory),
            *version,       layout ? *layout : nullptr};
}

}  // namespace

const std::vector<LiveTarget>& live_targets() {
    static const std::vector<LiveTarget> targets = [] {
        std::vector<LiveTarget> started;
        // objects.py reads memory by ctypes, which a build with musl lacks; its table is that of its version.
        for (const auto& interpreter : find_interpreters()) {
            if (!interpreter.has("musl")) started.push_back(start(interpreter));
        }
        return started;
    }();
    return targets;
}

}  // namespace corotrace
