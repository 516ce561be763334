// SPDX-License-Identifier: MIT
#include "cpython_layouts/stack_flow.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>

namespace corotrace {

namespace {

// Hand-written functions stay far below; beyond, nothing is told.
constexpr std::size_t kMaxInstructions = 20000;
constexpr std::size_t kMaxStored = 1U << 20U;  // operands in all stacks together
constexpr std::size_t kMaxMakers = 8;
constexpr std::size_t kMaxVisits = 64;  // of an instruction, on average
constexpr std::size_t kMaxHandlers = 4096;

// Big-endian groups of 6 bits, bit 6 set if more follow. Source: CPython 3.11
// Objects/exception_handling_notes.txt
std::optional<std::uint32_t> take_varint(ByteView table, std::size_t& at) {
    std::uint32_t value = 0;
    for (int groups = 0; groups < 5 && at < table.size(); ++groups) {
        const auto byte = static_cast<std::uint32_t>(table[at++]);
        value = (value << 6U) | (byte & 63U);
        if ((byte & 64U) == 0) return value;
    }
    return std::nullopt;
}

bool falls_through(Op op) {
    return !is_any(op, {Op::kJump, Op::kReturn, Op::kReturnConst, Op::kRaise, Op::kUnknown});
}

// Of two in one the row tells the sum, the Op the part.
StackEffect effect_of(const Instruction& instruction) {
    if (instruction.op == Op::kLoadFast) return {.pushes = 1};
    if (instruction.op == Op::kStoreFast) return {.pops = 1};
    return instruction.row->effect;
}

}  // namespace

StackFlow::StackFlow(const OpcodeTable& opcodes, const Bytecode& bytecode)
    : instructions_(decode_instructions(opcodes, bytecode.units)), stack_size_(bytecode.stack_size) {
    if (instructions_.empty() || instructions_.size() > kMaxInstructions) {
        consistent_ = false;
        return;
    }
    parse_exception_table(bytecode.exception_table);
    single_.resize(instructions_.size());
    std::iota(single_.begin(), single_.end(), 0U);
    stacks_.resize(instructions_.size());
    walk();
}

void StackFlow::parse_exception_table(ByteView table) {
    for (std::size_t at = 0; at < table.size() && handlers_.size() < kMaxHandlers;) {
        const auto start = take_varint(table, at);
        const auto length = take_varint(table, at);
        const auto target = take_varint(table, at);
        const auto depth = take_varint(table, at);
        if (!start || !length || !target || !depth) return;
        constexpr std::uint32_t kMost = 1U << 28U;
        if (*start > kMost || *length > kMost || *target > kMost) return;
        handlers_.push_back({.start = static_cast<std::int32_t>(*start * 2),
                             .end = static_cast<std::int32_t>((*start + *length) * 2),
                             .target = static_cast<std::int32_t>(*target * 2),
                             .depth = *depth >> 1U,
                             .has_lasti = (*depth & 1U) != 0});
    }
}

void StackFlow::walk() {
    enter(0, {});
    std::size_t visits = kMaxVisits * instructions_.size();
    while (!pending_.empty()) {
        if (visits-- == 0 || stored_ > kMaxStored) {
            consistent_ = false;
            stacks_.clear();
            return;
        }
        const std::size_t index = pending_.back();
        pending_.pop_back();
        follow(index);
    }
}

void StackFlow::follow(std::size_t index) {
    const Instruction& instruction = instructions_[index];
    if (instruction.row == nullptr) {
        consistent_ = false;
        return;
    }
    enter_handlers(index);
    const StackEffect effect = effect_of(instruction);
    Stack next = *stacks_[index];
    if (!apply(instruction, index, effect, next)) {
        consistent_ = false;
        return;
    }
    if (next.size() > stack_size_) consistent_ = false;
    if (instruction.target) {
        Stack jumped = *stacks_[index];
        if (apply(instruction, index, instruction.row->jump_effect.value_or(effect), jumped)) {
            enter(index_of(*instruction.target), jumped);
        }
    }
    if (falls_through(instruction.op)) enter(index + 1, next);
}

void StackFlow::enter_handlers(std::size_t index) {
    const std::int32_t at = instructions_[index].offset;
    for (const Handler& handler : handlers_) {
        if (at < handler.start || at >= handler.end) continue;
        Stack caught = *stacks_[index];
        // Ranges cover instructions behind a loop that cannot raise and have less on their stack.
        if (caught.size() < handler.depth) return;
        caught.resize(handler.depth);
        if (handler.has_lasti) caught.push_back(kUnknown);
        caught.push_back(kUnknown);
        enter(index_of(handler.target), caught);
        return;  // entries do not overlap
    }
}

// Handlers follow what they guard, so it is the nearest one before the offset. Up to 3.10 SETUP_FINALLY tells
// them.
std::vector<StackFlow::Range> StackFlow::find_guarded(std::int32_t byte_offset) const {
    std::int32_t nearest = -1;
    std::vector<Range> ranges;
    const auto consider = [&](std::int32_t target, Range range) {
        if (target > byte_offset || target < nearest || range.begin >= target) return;
        if (target > nearest) ranges.clear();
        nearest = target;
        ranges.push_back(range);
    };
    for (const Handler& handler : handlers_) consider(handler.target, {handler.start, handler.end});
    for (const Instruction& instruction : instructions_) {
        if (instruction.op != Op::kSetup || !instruction.target) continue;
        consider(*instruction.target, {instruction.end, *instruction.target});
    }
    return ranges;
}

// False: the stack is too short.
bool StackFlow::apply(const Instruction& instruction, std::size_t index, const StackEffect& effect,
                      Stack& stack) {
    const std::uint32_t n = instruction.arg;
    if (is_any(instruction.op, {Op::kCopy, Op::kSwap, Op::kRotate})) {
        if (n == 0 || n > stack.size()) return false;
        const auto place = stack.end() - static_cast<std::ptrdiff_t>(n);
        if (instruction.op == Op::kCopy) {
            stack.push_back(*place);
        } else if (instruction.op == Op::kSwap) {
            std::swap(*place, stack.back());
        } else {
            std::rotate(place, stack.end() - 1, stack.end());
        }
        return true;
    }
    if (instruction.op == Op::kCopyTwo) {
        if (stack.size() < 2) return false;
        const Operand below = stack[stack.size() - 2];
        const Operand top = stack.back();
        stack.push_back(below);
        stack.push_back(top);
        return true;
    }
    const StackCounts counts = count_stack(effect, n);
    if (counts.pops > stack.size()) return false;
    stack.resize(stack.size() - counts.pops);
    stack.resize(std::min<std::size_t>(stack.size() + counts.pushes, kMaxStored),
                 static_cast<Operand>(index));
    return true;
}

void StackFlow::enter(std::optional<std::size_t> index, const Stack& stack) {
    if (!index || *index >= stacks_.size()) {
        consistent_ = false;
        return;
    }
    auto& known = stacks_[*index];
    if (!known) {
        stored_ += stack.size();
        known = stack;
        pending_.push_back(*index);
        return;
    }
    if (known->size() != stack.size()) {
        consistent_ = false;
        return;
    }
    bool changed = false;
    for (std::size_t i = 0; i < stack.size(); ++i) {
        const Operand merged = merge((*known)[i], stack[i]);
        changed = changed || merged != (*known)[i];
        (*known)[i] = merged;
    }
    if (changed) pending_.push_back(*index);
}

StackFlow::Operand StackFlow::merge(Operand one, Operand other) {
    if (one == other) return one;
    if (one == kUnknown || other == kUnknown) return kUnknown;
    std::vector<std::uint32_t> both;
    std::ranges::set_union(makers(one), makers(other), std::back_inserter(both));
    if (both.size() > kMaxMakers) return kUnknown;
    const auto next = static_cast<Operand>(instructions_.size() + sets_.size());
    const auto [entry, is_new] = known_sets_.try_emplace(both, next);
    if (is_new) sets_.push_back(std::move(both));
    return entry->second;
}

std::optional<std::size_t> StackFlow::index_of(std::int32_t byte_offset) const {
    const auto found = std::ranges::lower_bound(instructions_, byte_offset, {}, &Instruction::start);
    if (found == instructions_.end() || found->start != byte_offset) return std::nullopt;
    return static_cast<std::size_t>(found - instructions_.begin());
}

const std::vector<StackFlow::Operand>* StackFlow::find_stack(std::size_t index) const {
    return index < stacks_.size() && stacks_[index] ? &*stacks_[index] : nullptr;
}

std::span<const StackFlow::Operand> StackFlow::operands(std::size_t index) const {
    const auto* stack = find_stack(index);
    if (stack == nullptr || instructions_[index].row == nullptr) return {};
    const Instruction& instruction = instructions_[index];
    const std::size_t pops = count_stack(effect_of(instruction), instruction.arg).pops;
    if (pops > stack->size()) return {};
    return std::span(*stack).last(pops);
}

std::span<const std::uint32_t> StackFlow::makers(const Operand& operand) const {
    if (operand < 0) return {};
    const auto id = static_cast<std::size_t>(operand);
    if (id < single_.size()) return {&single_[id], 1};
    return id - single_.size() < sets_.size() ? std::span<const std::uint32_t>(sets_[id - single_.size()])
                                              : std::span<const std::uint32_t>();
}

std::optional<std::size_t> StackFlow::maker(Operand operand) const {
    const auto all = makers(operand);
    return all.size() == 1 ? std::optional<std::size_t>(all.front()) : std::nullopt;
}

}  // namespace corotrace
