// SPDX-License-Identifier: MIT
#include "tracer/diagnose/drop_cause.hpp"

#include <algorithm>
#include <utility>

namespace corotrace {

namespace {

std::optional<Op> op_at(const Layout& layout, const SiteFrame& frame) {
    if (!frame.bytecode || !frame.byte_offset) return std::nullopt;
    // Without caches each code unit is an instruction.
    if (layout.instruction_rule != InstructionRule::kPointer) {
        const auto at = static_cast<std::size_t>(*frame.byte_offset);
        if (at >= frame.bytecode->units.size()) return std::nullopt;
        const OpcodeRow* row = layout.opcodes->rows[static_cast<std::uint8_t>(frame.bytecode->units[at])];
        return row == nullptr ? std::nullopt : std::optional(row->op);
    }
    const auto instructions = decode_instructions(*layout.opcodes, frame.bytecode->units);
    const auto index = find_instruction(instructions, *frame.byte_offset);
    if (!index || instructions[*index].row == nullptr) return std::nullopt;
    return instructions[*index].op;
}

// Moves or drops operands and variables, and runs no other function's code (but finalizers, whose frames
// would be on the stack).
bool only_moves(Op op) {
    return is_any(op, {Op::kPopTop, Op::kStoreFast, Op::kStoreDeref, Op::kStoreGlobal, Op::kDeleteFast,
                       Op::kDeleteDeref, Op::kDeleteGlobal, Op::kPopExcept, Op::kReturn, Op::kReturnConst,
                       Op::kJump, Op::kJumpIfNone, Op::kLoadFast, Op::kLoadConst, Op::kSwap, Op::kCopy});
}

bool is_return(Op op) {
    return is_any(op, {Op::kReturn, Op::kReturnConst});
}

bool holds_operand(const SiteCode& code, std::size_t first, std::size_t last) {
    for (std::size_t depth = first; depth < last; ++depth) {
        if (code.held_at(static_cast<std::uint32_t>(depth)).value_or(false)) return true;
    }
    return false;
}

// Whether the object is among the live operands of the function. A slot above the top of its value stack
// keeps what was there before, and says nothing.
bool holds_on_stack(const Layout& layout, const SiteFrame& frame) {
    if (!frame.held || frame.held->operands.empty()) return false;
    const CoroutineNames nobody;
    const SiteCode code(layout, frame, nobody);
    const auto* stack = code.current() ? code.flow().find_stack(*code.current()) : nullptr;
    // Where it is not known how high the stack is, each counts.
    return stack == nullptr || holds_operand(code, 0, stack->size());
}

}  // namespace

bool can_have_ended(const Layout& layout, const DropSite& site) {
    if (site.frames.empty()) return false;
    const SiteFrame& innermost = site.frames.front();
    // Up to 3.10 a caller keeps what it passes until the callee's frame is gone.
    if (layout.frame_rule == FrameRule::kFrameObjects && holds_on_stack(layout, innermost)) return false;
    const auto op = op_at(layout, innermost);
    return op && !only_moves(*op);
}

bool may_drop_exception(const Layout& layout, const DropSite& site) {
    if (site.frames.empty()) return false;
    const SiteFrame& innermost = site.frames.front();
    if (holds_on_stack(layout, innermost)) return false;
    const auto op = op_at(layout, innermost);
    if (!op) return false;
    return is_any(
        *op,
        {Op::kPopExcept,   Op::kRaise,      Op::kStoreFast,    Op::kStoreFastTwice, Op::kStoreFastLoadFast,
         Op::kStoreDeref,  Op::kStoreName,  Op::kStoreGlobal,  Op::kStoreAttr,      Op::kDeleteFast,
         Op::kDeleteDeref, Op::kDeleteName, Op::kDeleteGlobal, Op::kCall,           Op::kCallKw,
         Op::kCallEx,      Op::kSend,       Op::kYieldFrom,    Op::kWithExit,       Op::kForIter,
         Op::kPopTop,      Op::kJumpIf,     Op::kOther});
}

DropCause find_outer_cause(const Layout& layout, const DropSite& site, bool stack_known) {
    if (!stack_known) return DropCause::kUnknown;
    if (site.frames.empty()) {
        if (site.finalizing.value_or(false)) return DropCause::kShutdown;
        return site.finalizing && !site.main_thread ? DropCause::kThreadExit : DropCause::kUnknown;
    }
    // The collector holds what it finalizes, while deallocation finds the last reference gone.
    // Source: CPython Modules/gcmodule.c, finalize_garbage; Objects/object.c,
    // PyObject_CallFinalizerFromDealloc.
    if (site.collecting && site.refcount.value_or(0) > 1) return DropCause::kCyclicGc;
    if (site.ended) {
        const auto op = op_at(layout, *site.ended);
        if (!op) return DropCause::kUnknown;
        return is_return(*op) ? DropCause::kFrameEnd : DropCause::kException;
    }
    return DropCause::kUnknown;
}

DropCause find_instruction_cause(const Layout& layout, const DropSite& site, const SiteCode& code) {
    if (!code.current()) return DropCause::kUnknown;
    const Op op = code.at(*code.current()).op;
    if (is_any(op, {Op::kPopExcept, Op::kRaise})) return DropCause::kException;
    const auto* stack = code.flow().find_stack(*code.current());
    if (stack == nullptr) return DropCause::kUnknown;
    const std::size_t operands = code.flow().operands(*code.current()).size();
    // What lies below the operands is still needed, and goes only when the stack is unwound. Operands of rare
    // instructions are not all modelled.
    const bool modelled = !is_any(op, {Op::kOther, Op::kWithExit, Op::kSetup});
    if (modelled && holds_operand(code, 0, stack->size() - operands)) return DropCause::kException;
    const bool held = holds_operand(code, stack->size() - operands, stack->size());
    // The collector may be freeing it with something that it clears, or be at work in another thread.
    if (site.collecting && !held) return DropCause::kUnknown;
    // Up to 3.10 the end of a function may have been missed.
    const bool certain = held || only_moves(op) || layout.frame_rule != FrameRule::kFrameObjects;
    return certain ? DropCause::kRefcount : DropCause::kUnknown;
}

std::optional<std::string> find_collector_call(const Layout& layout, const DropSite& site) {
    if (site.frames.empty() || !site.frames.front().bytecode) return std::nullopt;
    const CoroutineNames nobody;
    const SiteCode code(layout, site.frames.front(), nobody);
    if (!code.current() || !SiteCode::is_call(code.at(*code.current()).op)) return std::nullopt;
    auto callee = code.describe_callee(*code.current());
    return callee == "gc.collect" || callee == "collect" ? std::optional(std::move(callee)) : std::nullopt;
}

}  // namespace corotrace
