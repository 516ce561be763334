// SPDX-License-Identifier: MIT
// The instructions of the standard library's code objects, read from outside after they have run, are those
// that dis of the same interpreter shows, and their value stacks add up.
#include <zlib.h>

#include <cstdlib>

#include "cpython_layouts/bytecode.hpp"
#include "cpython_layouts/registry.hpp"
#include "cpython_layouts/stack_flow.hpp"
#include "cpython_layouts/version.hpp"
#include "symbols/process_memory.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/interpreters.hpp"
#include "tests/support/telling_program.hpp"
#include "tests/support/test_data.hpp"

namespace corotrace {

namespace {

std::string text_of(const Bytecode& bytecode, const std::vector<Instruction>& instructions) {
    std::string all;
    for (const Instruction& instruction : instructions) {
        if (!all.empty()) all += '\n';
        all += std::to_string(instruction.offset) + ' ';
        all += instruction.row == nullptr ? "?" : instruction.row->name;
        all += ' ';
        const std::string* name = find_name(bytecode, instruction);
        all += name != nullptr      ? *name
               : instruction.target ? std::to_string(*instruction.target)
                                    : std::to_string(instruction.arg);
    }
    return all;
}

std::uint64_t checksum(const std::string& text) {
    return crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size()));
}

void check_bytecodes(const TellingProgram& program) {
    const auto memory = ProcessMemory::open(program.process.pid(), false);
    REQUIRE(memory.ok());
    const auto version = parse_version(program.facts.at("version").get<std::string>());
    const auto layout = find_layout(version.value_or(PythonVersion{}));
    REQUIRE(layout.ok());
    std::size_t wrong = 0;
    std::vector<std::string> unclear;
    for (const auto& told : program.facts.at("codes")) {
        const auto code = Code::read(*memory, **layout, {told[0].get<std::uint64_t>()});
        REQUIRE(code.ok());
        const auto bytecode = read_bytecode(*memory, **layout, *code);
        REQUIRE(bytecode.ok());
        const StackFlow flow(*(*layout)->opcodes, *bytecode);
        if (!flow.is_consistent()) unclear.push_back(told[1].get<std::string>());
        const std::string text = text_of(*bytecode, flow.instructions());
        if (checksum(text) == told[3].get<std::uint64_t>()) continue;
        if (++wrong > 2) continue;
        FAIL_CHECK(told[1].get<std::string>()
                   << ": " << text.size() << " characters instead of " << told[2].get<std::size_t>() << "\n"
                   << text.substr(0, 3000));
    }
    CHECK(wrong == 0);
    // 3.8 enters finally blocks with different stacks.
    if (version->minor == 8) {
        CHECK(unclear.size() < 40);
    } else {
        CHECK(unclear == std::vector<std::string>());
    }
    CHECK(program.facts.at("codes").size() > 1000);
}

}  // namespace

TEST_CASE("bytecode is what dis shows") {
    for (const TestInterpreter& interpreter : find_interpreters()) {
        INFO(interpreter.id);
        const std::string script = test::test_data("layouts/bytecodes.py");
        check_bytecodes(run_telling(interpreter.command, script));
        if (!interpreter.has("jit")) continue;
        INFO("with its JIT");
        auto command = interpreter.command;
        command.insert(command.begin(), {"env", "PYTHON_JIT=1"});
        check_bytecodes(run_telling(command, script));
    }
}

}  // namespace corotrace
