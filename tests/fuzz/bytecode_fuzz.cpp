// SPDX-License-Identifier: MIT
// Any bytes as the instructions and the exception table of a function, in every version: the decoder keeps
// its order, and what the walk of all paths says of an operand was made by an instruction.
#include <cstdint>
#include <cstdlib>

#include "cpython_layouts/registry.hpp"
#include "cpython_layouts/stack_flow.hpp"

using namespace corotrace;

namespace {

void expect(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) return 0;
    const auto layouts = supported_layouts();
    const Layout& layout = *layouts[data[0] % layouts.size()];
    const ByteView rest = std::as_bytes(std::span(data, size)).subspan(3);
    const std::size_t table = std::min<std::size_t>(data[1], rest.size());
    Bytecode bytecode;
    bytecode.exception_table.assign(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(table));
    bytecode.units.assign(rest.begin() + static_cast<std::ptrdiff_t>(table), rest.end());
    bytecode.names = bytecode.variables = {"a", "b"};
    bytecode.stack_size = data[2];
    const StackFlow flow(*layout.opcodes, bytecode);
    const auto& instructions = flow.instructions();
    std::int32_t last = -1;
    for (std::size_t i = 0; i < instructions.size(); ++i) {
        const Instruction& instruction = instructions[i];
        expect(instruction.start <= instruction.offset && instruction.offset < instruction.end);
        expect(instruction.offset >= last);
        last = instruction.offset;
        const auto found = find_instruction(instructions, instruction.offset);
        expect(found && instructions[*found].offset == instruction.offset);
        static_cast<void>(find_name(bytecode, instruction));
        for (const StackFlow::Operand& operand : flow.operands(i)) {
            for (const std::uint32_t maker : flow.makers(operand)) expect(maker < instructions.size());
        }
    }
    return 0;
}
