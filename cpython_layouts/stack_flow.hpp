// SPDX-License-Identifier: MIT
// StackFlow: what is on a function's value stack before each of its instructions, by which instruction made
// it. Found by walking all paths once; where paths meet, an operand may have several makers. Pure; bytecode
// that makes no sense ends in "not known", never in a guess.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "cpython_layouts/bytecode.hpp"

namespace corotrace {

class StackFlow {
public:
    // An operand: a set of instructions, one of which made it.
    using Operand = std::int32_t;
    static constexpr Operand kUnknown = -1;

    StackFlow(const OpcodeTable& opcodes, const Bytecode& bytecode);

    [[nodiscard]] const std::vector<Instruction>& instructions() const { return instructions_; }

    // Before the instruction, bottom first. Null: no path leads there, or not known.
    [[nodiscard]] const std::vector<Operand>* find_stack(std::size_t index) const;

    // What the instruction takes off the stack, bottom first. Empty also if not known.
    [[nodiscard]] std::span<const Operand> operands(std::size_t index) const;

    // Indices of the instructions that may have made the operand; empty: not known.
    [[nodiscard]] std::span<const std::uint32_t> makers(const Operand& operand) const;

    // The one instruction that made the operand, if there is just one.
    [[nodiscard]] std::optional<std::size_t> maker(Operand operand) const;

    // The ranges, in byte offsets, that are guarded by the exception handler in which `byte_offset` lies.
    struct Range {
        std::int32_t begin = 0;
        std::int32_t end = 0;
    };
    [[nodiscard]] std::vector<Range> find_guarded(std::int32_t byte_offset) const;

    // Every path was followed without a contradiction, and no stack is deeper than the code says. (A finally
    // block of 3.8 is entered with different stacks: there the first one found stands.)
    [[nodiscard]] bool is_consistent() const { return consistent_; }

private:
    using Stack = std::vector<Operand>;

    struct Handler {
        std::int32_t start = 0;  // bytes
        std::int32_t end = 0;
        std::int32_t target = 0;
        std::uint32_t depth = 0;
        bool has_lasti = false;
    };

    void parse_exception_table(ByteView table);
    void walk();
    void follow(std::size_t index);
    void enter_handlers(std::size_t index);
    [[nodiscard]] static bool apply(const Instruction& instruction, std::size_t index,
                                    const StackEffect& effect, Stack& stack);
    void enter(std::optional<std::size_t> index, const Stack& stack);
    [[nodiscard]] Operand merge(Operand one, Operand other);
    [[nodiscard]] std::optional<std::size_t> index_of(std::int32_t byte_offset) const;

    std::vector<Instruction> instructions_;
    std::vector<Handler> handlers_;
    std::uint32_t stack_size_;
    std::vector<std::optional<Stack>> stacks_;
    std::vector<std::uint32_t> single_;  // single_[i] == i: the set of one maker
    std::vector<std::vector<std::uint32_t>> sets_;
    std::map<std::vector<std::uint32_t>, Operand> known_sets_;
    std::vector<std::size_t> pending_;
    std::size_t stored_ = 0;
    bool consistent_ = true;
};

}  // namespace corotrace
