// SPDX-License-Identifier: MIT
// Op: what an instruction does, in words that hold for every CPython version; and OpcodeTable: what the
// numbers of one version mean in these words. The tables (versions/opcodes_*.hpp) are written by
// scripts/extract_opcodes.py from the interpreters' own modules. Plain data.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

namespace corotrace {

enum class Op : std::uint8_t {
    kUnknown,  // no opcode of this version
    kHiddenByLine,
    kHiddenByInstruction,
    kHiddenByExecutor,
    kNothing,  // moves no operand
    kOther,    // of no interest except for its stack effect
    kExtendedArg,
    kPopTop,
    kPushNull,
    kPush,  // a value that is neither a variable's nor a constant
    kLoadConst,
    kLoadFast,
    kLoadFastTwice,  // two variables, 4 bits of the argument each
    kLoadDeref,
    kLoadName,
    kLoadGlobal,
    kLoadAttr,  // also as a method: two values, the second self or null
    kLoadSuperAttr,
    kImportName,
    kImportFrom,
    kStoreFast,
    kStoreFastTwice,
    kStoreFastLoadFast,
    kStoreDeref,
    kStoreName,
    kStoreGlobal,
    kStoreAttr,
    kStoreSubscript,
    kDeleteFast,
    kDeleteDeref,
    kDeleteName,
    kDeleteGlobal,
    kDeleteAttr,
    kDeleteSubscript,
    kCall,    // argument: how many arguments; below them the callee
    kCallKw,  // above the arguments a tuple with the names of the last of them
    kCallEx,  // f(*a, **k)
    kJump,
    kJumpIf,
    kJumpIfNone,
    kJumpIfOrPop,
    kToBool,
    kNot,
    kCompare,  // also `is` and `in`
    kBinary,
    kSubscript,
    kFormat,  // one value of an f-string
    kBuildString,
    kBuild,   // tuple, list, set, dict, slice
    kAppend,  // to a list, set or dict being built
    kCopy,    // argument: counted from the top, which is 1
    kCopyTwo,
    kSwap,    // argument: with which one
    kRotate,  // argument: the top moves down to this place
    kUnpack,
    kReturn,
    kReturnConst,
    kReturnGenerator,
    kYield,
    kYieldFrom,
    kSend,
    kEndSend,
    kGetAwaitable,
    kGetIter,
    kGetAiter,
    kGetAnext,
    kForIter,
    kMakeFunction,
    kWith,
    kWithExit,
    kSetup,
    kRaise,
    kPopExcept,
};

// A switch would have to name all of them.
[[nodiscard]] constexpr bool is_any(Op op, std::initializer_list<Op> of) {
    return std::find(of.begin(), of.end(), op) != of.end();
}

enum class JumpKind : std::uint8_t { kNone, kForward, kBackward, kAbsolute };

// What some bits of the argument add to a stack effect.
enum class ArgBits : std::uint8_t {
    kNone,
    kLowPops,    // the lowest bit: one operand more
    kLowPushes,  // the lowest bit: one result more
    kThirdPops,  // the third bit: one operand more
    kSetPop,     // each bit that is set: one operand more
    kUnpackEx,   // pushes low byte + high byte + 1
};

struct StackEffect {
    std::int8_t pops = 0;
    std::int8_t pops_per_arg = 0;
    std::int8_t pushes = 0;
    std::int8_t pushes_per_arg = 0;
    ArgBits bits = ArgBits::kNone;
};

struct OpcodeRow {
    std::uint8_t number = 0;
    std::string_view name;
    Op op = Op::kUnknown;
    std::uint8_t caches = 0;  // code units behind it that are no instructions
    JumpKind jump = JumpKind::kNone;
    std::uint8_t name_shift = 0;  // the index of a name is the argument without so many bits
    StackEffect effect = {};
    std::optional<StackEffect> jump_effect = {};  // where it differs when the jump is taken
};

// A number that stands for another one: a specialised or instrumented form.
struct OpcodeAlias {
    std::uint8_t number = 0;
    std::uint8_t base = 0;
};

struct OpcodeTable {
    std::array<const OpcodeRow*, 256> rows{};  // of the base form; null: no opcode of this version
    std::uint8_t jump_unit = 2;                // what jumps count: bytes or code units
    bool null_below = false;  // of a callee and the null beside it, the null was pushed first
};

// Of a version whose opcodes are not known: what was meant where something was dropped stays unknown.
inline constexpr OpcodeTable kUnknownOpcodes{};

[[nodiscard]] constexpr OpcodeTable make_opcode_table(std::span<const OpcodeRow> rows,
                                                      std::span<const OpcodeAlias> aliases,
                                                      std::uint8_t jump_unit, bool null_below) {
    OpcodeTable table{.rows = {}, .jump_unit = jump_unit, .null_below = null_below};
    for (const OpcodeRow& row : rows) table.rows[row.number] = &row;
    for (const OpcodeAlias& alias : aliases) table.rows[alias.number] = table.rows[alias.base];
    return table;
}

// How many operands an instruction takes and gives; the argument is the target's, so large ones are cut.
struct StackCounts {
    std::uint32_t pops = 0;
    std::uint32_t pushes = 0;
};
[[nodiscard]] constexpr StackCounts count_stack(const StackEffect& effect, std::uint32_t arg) {
    constexpr std::uint32_t kMost = 1U << 16U;
    const std::uint32_t n = arg < kMost ? arg : kMost;
    StackCounts counts{
        static_cast<std::uint32_t>(effect.pops) + static_cast<std::uint32_t>(effect.pops_per_arg) * n,
        static_cast<std::uint32_t>(effect.pushes) + static_cast<std::uint32_t>(effect.pushes_per_arg) * n};
    switch (effect.bits) {
        case ArgBits::kNone:
            break;
        case ArgBits::kLowPops:
            counts.pops += arg & 1U;
            break;
        case ArgBits::kLowPushes:
            counts.pushes += arg & 1U;
            break;
        case ArgBits::kThirdPops:
            counts.pops += (arg >> 2U) & 1U;
            break;
        case ArgBits::kSetPop:
            counts.pops += static_cast<std::uint32_t>(std::popcount(arg));
            break;
        case ArgBits::kUnpackEx:
            counts.pushes += (arg & 255U) + ((arg >> 8U) & 255U) + 1U;
            break;
    }
    return counts;
}

}  // namespace corotrace
