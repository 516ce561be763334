// SPDX-License-Identifier: MIT
// Bytecode: the instructions of a code object and the names that they refer to, copied out of the target, and
// decoded into a form that is the same for all versions: caches skipped, EXTENDED_ARG folded, specialised,
// instrumented and compiled instructions undone. What hides behind an opcode that could not be undone is
// Op::kUnknown, and nothing behind it is believed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "cpython_layouts/code.hpp"
#include "cpython_layouts/layout.hpp"
#include "symbols/bytes.hpp"

namespace corotrace {

struct Bytecode {
    std::vector<std::byte> units;  // opcode and argument in turns, nothing hidden any more where possible
    std::vector<std::byte> exception_table;
    std::vector<std::string> names;      // co_names
    std::vector<std::string> variables;  // locals, cells, free variables: as a frame holds them
    std::vector<std::vector<std::string>> keyword_names;  // per constant: the strings of a tuple, else empty
    std::size_t first_deref = 0;   // index into `variables` that an argument 0 of LOAD_DEREF means
    std::uint32_t stack_size = 0;  // operands at most
};

// Needs: the code object held by a frame of a stopped thread. Cost: about 6 reads and 3 for each name.
// Errors: gone, unreadable, malformed (not a code object, or longer than anybody writes).
[[nodiscard]] Result<Bytecode> read_bytecode(const RemoteMemory& memory, const Layout& layout,
                                             const Code& code);

struct Instruction {
    std::int32_t start = 0;   // byte offset, of its EXTENDED_ARG if it has one: where jumps to it go
    std::int32_t offset = 0;  // byte offset of the opcode
    std::int32_t end = 0;     // behind its caches
    Op op = Op::kUnknown;
    std::uint32_t arg = 0;
    const OpcodeRow* row = nullptr;      // of its base form; null: unknown
    std::optional<std::int32_t> target;  // byte offset; of a jump
};

// Pure. Stops at the first thing that is no instruction, with an Op::kUnknown as the last one.
// Instructions that are two in one (LOAD_FAST_LOAD_FAST) come as two with the same offset.
[[nodiscard]] std::vector<Instruction> decode_instructions(const OpcodeTable& opcodes, ByteView units);

// The name or variable that an instruction refers to. Null: it refers to none, or the index is wrong.
[[nodiscard]] const std::string* find_name(const Bytecode& bytecode, const Instruction& instruction);

// Where in `instructions` the one is that a frame with this byte offset executes (any unit of it will do).
[[nodiscard]] std::optional<std::size_t> find_instruction(const std::vector<Instruction>& instructions,
                                                          std::int64_t byte_offset);

// Keeps bytecodes across stops. A Code is never changed, so its address tells whether it is the same; what is
// hidden in a bytecode may change, so one with unknown opcodes is read again.
class BytecodeCache {
public:
    explicit BytecodeCache(std::size_t max_codes = 512) : max_codes_(max_codes) {}

    // As read_bytecode.
    [[nodiscard]] Result<std::shared_ptr<const Bytecode>> find_or_read(
        const RemoteMemory& memory, const Layout& layout, const std::shared_ptr<const Code>& code);

private:
    struct Entry {
        std::shared_ptr<const Code> code;  // keeps its address from being used again
        std::shared_ptr<const Bytecode> bytecode;
    };
    std::unordered_map<const Code*, Entry> entries_;
    std::size_t max_codes_;
};

}  // namespace corotrace
