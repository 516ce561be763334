// SPDX-License-Identifier: MIT
#include "cpython_layouts/bytecode.hpp"

#include <algorithm>

namespace corotrace {

namespace {

constexpr std::int32_t kUnit = 2;  // bytes of an opcode and its argument

std::optional<std::int32_t> find_target(const OpcodeRow& row, std::uint32_t arg, std::int32_t end,
                                        std::uint8_t jump_unit) {
    const auto distance = static_cast<std::int64_t>(arg) * jump_unit;
    std::int64_t target = 0;
    switch (row.jump) {
        case JumpKind::kNone:
            return std::nullopt;
        case JumpKind::kForward:
            target = end + distance;
            break;
        case JumpKind::kBackward:
            target = end - distance;
            break;
        case JumpKind::kAbsolute:
            target = distance;
            break;
    }
    if (target < 0 || target > INT32_MAX) return std::nullopt;
    return static_cast<std::int32_t>(target);
}

// ROT_TWO and the like have their distance in their name.
std::uint32_t implied_arg(const OpcodeRow& row, std::uint32_t arg) {
    if (row.name == "DUP_TOP") return 1;
    if (row.name == "ROT_TWO") return 2;
    if (row.name == "ROT_THREE") return 3;
    if (row.name == "ROT_FOUR") return 4;
    return arg;
}

void append(std::vector<Instruction>& all, Instruction instruction) {
    const std::uint32_t first = instruction.arg >> 4U;
    const std::uint32_t second = instruction.arg & 15U;
    const auto add = [&](Op op, std::uint32_t arg) {
        instruction.op = op;
        instruction.arg = arg;
        all.push_back(instruction);
    };
    if (instruction.op == Op::kLoadFastTwice) {
        add(Op::kLoadFast, first);
        add(Op::kLoadFast, second);
    } else if (instruction.op == Op::kStoreFastTwice) {
        add(Op::kStoreFast, first);
        add(Op::kStoreFast, second);
    } else if (instruction.op == Op::kStoreFastLoadFast) {
        add(Op::kStoreFast, first);
        add(Op::kLoadFast, second);
    } else {
        add(instruction.op, implied_arg(*instruction.row, instruction.arg));
    }
}

const std::string* item(const std::vector<std::string>& items, std::size_t index) {
    return index < items.size() ? &items[index] : nullptr;
}

bool is_hidden(Op op) {
    return is_any(op, {Op::kUnknown, Op::kHiddenByLine, Op::kHiddenByInstruction, Op::kHiddenByExecutor});
}

}  // namespace

std::vector<Instruction> decode_instructions(const OpcodeTable& opcodes, ByteView units) {
    std::vector<Instruction> all;
    std::int32_t start = 0;
    std::uint32_t high = 0;
    const auto size = static_cast<std::int32_t>(std::min<std::size_t>(units.size(), INT32_MAX - 1024));
    for (std::int32_t at = 0; at + kUnit <= size;) {
        const auto place = static_cast<std::size_t>(at);
        const OpcodeRow* row = opcodes.rows[static_cast<std::uint8_t>(units[place])];
        const std::uint32_t arg = (high << 8U) | static_cast<std::uint8_t>(units[place + 1]);
        if (row == nullptr || is_hidden(row->op)) {
            all.push_back({.start = start, .offset = at, .end = at + kUnit, .target = {}});
            break;
        }
        const std::int32_t end = at + kUnit * (1 + row->caches);
        if (row->op == Op::kExtendedArg) {
            high = arg;
        } else {
            append(all, {.start = start,
                         .offset = at,
                         .end = end,
                         .op = row->op,
                         .arg = arg,
                         .row = row,
                         .target = find_target(*row, arg, end, opcodes.jump_unit)});
            high = 0;
            start = end;
        }
        at = end;
    }
    return all;
}

const std::string* find_name(const Bytecode& bytecode, const Instruction& instruction) {
    if (is_any(instruction.op, {Op::kLoadFast, Op::kStoreFast, Op::kDeleteFast})) {
        return item(bytecode.variables, instruction.arg);
    }
    if (is_any(instruction.op, {Op::kLoadDeref, Op::kStoreDeref, Op::kDeleteDeref})) {
        return item(bytecode.variables, bytecode.first_deref + instruction.arg);
    }
    const bool named =
        is_any(instruction.op, {Op::kLoadName, Op::kLoadGlobal, Op::kLoadAttr, Op::kLoadSuperAttr,
                                Op::kImportName, Op::kImportFrom, Op::kStoreName, Op::kStoreGlobal,
                                Op::kStoreAttr, Op::kDeleteName, Op::kDeleteGlobal, Op::kDeleteAttr});
    if (!named || instruction.row == nullptr) return nullptr;
    return item(bytecode.names, instruction.arg >> instruction.row->name_shift);
}

std::optional<std::size_t> find_instruction(const std::vector<Instruction>& instructions,
                                            std::int64_t byte_offset) {
    const auto after = std::ranges::upper_bound(instructions, byte_offset, {}, &Instruction::start);
    if (after == instructions.begin()) return std::nullopt;
    auto found = after - 1;
    if (byte_offset >= found->end) return std::nullopt;
    // Of two in one the first.
    while (found != instructions.begin() && (found - 1)->offset == found->offset) --found;
    return static_cast<std::size_t>(found - instructions.begin());
}

}  // namespace corotrace
