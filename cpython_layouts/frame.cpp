// SPDX-License-Identifier: MIT
#include "cpython_layouts/frame.hpp"

#include <algorithm>
#include <unordered_set>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/limits.hpp"
#include "cpython_layouts/line_table.hpp"

namespace corotrace {

namespace {

constexpr std::int8_t kLastOwner = 4;  // of any version: FRAME_OWNED_BY_CSTACK of 3.14

// One link of the chain. `code` is null if the frame is not to be shown.
struct Link {
    RemoteAddr code;
    RemoteAddr previous;
    std::optional<std::int64_t> lasti;  // a count, see InstructionRule
    RemoteAddr instruction;             // or an address
    std::int32_t tlbc_index = 0;
    bool in_generator = false;
};

Result<Link> read_frame_object(const RemoteMemory& memory, const Layout& layout, RemoteAddr frame) {
    const FrameObjectLayout& fields = layout.frame_object;
    CT_TRY(const auto block, Block::read(memory, frame, {fields.back, fields.code, fields.lasti}, "frame"));
    Link link;
    link.code = block.pointer(fields.code);
    link.previous = block.pointer(fields.back);
    link.lasti = block.as<std::int32_t>(fields.lasti);
    return link;
}

Result<Link> read_interpreter_frame(const RemoteMemory& memory, const Layout& layout, RemoteAddr frame) {
    const InterpreterFrameLayout& fields = layout.interpreter_frame;
    CT_TRY(const auto block, Block::read(memory, frame,
                                         {fields.executable, fields.previous, fields.instruction,
                                          fields.owner, fields.tlbc_index},
                                         "frame"));
    Link link;
    link.previous = block.pointer(fields.previous);
    const auto owner = block.as<std::int8_t>(fields.owner);
    if (owner < 0 || owner > kLastOwner) {
        return Error{Errc::malformed, 0, "owner of frame " + to_hex(frame)};
    }
    if (owner >= layout.owner_shim) return link;
    link.code = {block.as<std::uint64_t>(fields.executable) & ~layout.stackref_mask};
    link.instruction = block.pointer(fields.instruction);
    link.in_generator = owner == layout.owner_generator;
    if (fields.tlbc_index != kAbsent) link.tlbc_index = block.as<std::int32_t>(fields.tlbc_index);
    return link;
}

Result<Link> read_link(const RemoteMemory& memory, const Layout& layout, RemoteAddr frame) {
    switch (layout.frame_rule) {
        case FrameRule::kFrameObjects:
            return read_frame_object(memory, layout, frame);
        case FrameRule::kCFrame:
        case FrameRule::kInterpreterFrame:
            return read_interpreter_frame(memory, layout, frame);
    }
    return Error{Errc::internal, 0, "unknown frame rule"};
}

Result<RemoteAddr> read_innermost(const RemoteMemory& memory, const Layout& layout, RemoteAddr thread) {
    CT_TRY(const auto head, memory.read_pointer(at(thread, layout.thread_state.frame)));
    if (layout.frame_rule != FrameRule::kCFrame) return head;
    // Never null: a thread without frames points into itself, where there is a null.
    return memory.read_pointer(at(head, layout.thread_state.cframe_current));
}

// First instruction of the copy of the bytecode that the frame runs. A thread of a free-threaded build may
// have its own. Source: CPython 3.14 Include/internal/pycore_code.h _PyCodeArray, pycore_frame.h
// _PyFrame_GetBytecode.
Result<RemoteAddr> read_bytecode(const RemoteMemory& memory, const Layout& layout, const Code& code,
                                 std::int32_t tlbc_index) {
    if (tlbc_index <= 0) return code.instructions;
    CT_TRY(const auto array, memory.read_pointer(at(code.address, layout.code.tlbc)));
    CT_TRY(const auto size, memory.read_as<std::int64_t>(array));
    if (tlbc_index >= size) return Error{Errc::malformed, 0, "index of a bytecode copy"};
    return memory.read_pointer(array + sizeof(std::int64_t) * (1U + static_cast<std::uint64_t>(tlbc_index)));
}

std::optional<std::int64_t> find_offset(const RemoteMemory& memory, const Layout& layout, const Link& link,
                                        const Code& code) {
    std::int64_t offset = 0;
    switch (layout.instruction_rule) {
        case InstructionRule::kByteOffset:
            offset = link.lasti.value_or(0);
            break;
        case InstructionRule::kCodeUnits:
            offset = link.lasti.value_or(0) * kCodeUnit;
            break;
        case InstructionRule::kPointer: {
            const auto first = read_bytecode(memory, layout, code, link.tlbc_index);
            if (!first) return std::nullopt;
            offset = static_cast<std::int64_t>(link.instruction.value - first->value);
            break;
        }
    }
    if (offset < -kCodeUnit || offset >= code.bytecode_bytes) return std::nullopt;
    return offset;
}

// CPython hides a frame whose function is still being entered. Source: pycore_frame.h _PyFrame_IsIncomplete.
bool is_incomplete(const Layout& layout, const Link& link, const RawFrame& frame) {
    if (layout.code.first_traceable == kAbsent || link.in_generator || !frame.byte_offset) return false;
    return *frame.byte_offset < std::int64_t{kCodeUnit} * frame.code->first_traceable;
}

// Null: not to be shown.
Result<std::optional<RawFrame>> frame_of(const RemoteMemory& memory, const Layout& layout, CodeCache& codes,
                                         RemoteAddr address, const Link& link) {
    if (link.code.is_null()) return std::optional<RawFrame>();
    RawFrame frame{
        .address = address, .code = nullptr, .byte_offset = std::nullopt, .in_generator = link.in_generator};
    CT_TRY(frame.code, codes.find_or_read(memory, layout, link.code));
    frame.byte_offset = find_offset(memory, layout, link, *frame.code);
    if (is_incomplete(layout, link, frame)) return std::optional<RawFrame>();
    return std::optional(std::move(frame));
}

// Adds the frame at `address` if it is to be shown, and moves on to the one that called it.
Status copy_frame(const RemoteMemory& memory, const Layout& layout, CodeCache& codes, RemoteAddr& address,
                  RawStack& stack) {
    CT_TRY(const auto link, read_link(memory, layout, address));
    CT_TRY(auto frame, frame_of(memory, layout, codes, address, link));
    if (frame) stack.frames.push_back(*std::move(frame));
    address = link.previous;
    return {};
}

}  // namespace

std::optional<RawFrame> place_frame(const Layout& layout, std::shared_ptr<const Code> code,
                                    std::optional<std::uint32_t> place) {
    RawFrame frame{
        .address = {}, .code = std::move(code), .byte_offset = std::nullopt, .in_generator = false};
    if (!place) return frame;
    std::int64_t offset = *place;
    switch (layout.instruction_rule) {
        case InstructionRule::kByteOffset:
            break;
        case InstructionRule::kCodeUnits:
            offset *= kCodeUnit;
            break;
        case InstructionRule::kPointer:
            offset = offset * kCodeUnit + static_cast<std::int64_t>(frame.code->address.value) -
                     static_cast<std::int64_t>(frame.code->instructions.value);
            break;
    }
    if (offset >= -kCodeUnit && offset < frame.code->bytecode_bytes) frame.byte_offset = offset;
    if (is_incomplete(layout, {}, frame)) return std::nullopt;
    return frame;
}

Result<std::optional<RawFrame>> read_frame(const RemoteMemory& memory, const Layout& layout, CodeCache& codes,
                                           RemoteAddr address) {
    CT_TRY(const auto link, read_link(memory, layout, address));
    return frame_of(memory, layout, codes, address, link);
}

Result<RawStack> copy_stack(const RemoteMemory& memory, const Layout& layout, CodeCache& codes,
                            const ThreadState& thread) {
    RawStack stack;
    std::unordered_set<RemoteAddr> seen;
    auto innermost = read_innermost(memory, layout, thread.address);
    if (!innermost) return std::move(innermost).error().in("stack of thread state " + to_hex(thread.address));
    RemoteAddr address = *innermost;
    while (!address.is_null()) {
        if (seen.size() >= kMaxFrames) {
            stack.note = "the stack has more than " + std::to_string(kMaxFrames) + " frames";
            break;
        }
        stack.broken = !seen.insert(address).second;
        if (stack.broken) {
            stack.note = "the stack goes in a circle at frame " + to_hex(address);
            break;
        }
        const RemoteAddr frame = address;
        auto done = copy_frame(memory, layout, codes, address, stack);
        if (done) continue;
        if (stack.frames.empty() || done.error().code == Errc::gone) return std::move(done).error();
        stack.broken = true;
        stack.note = "the stack ends at frame " + to_hex(frame) + ": " + done.error().what;
        break;
    }
    stack.truncated = !stack.note.empty();
    return stack;
}

std::vector<StackFrame> resolve_stack(const Layout& layout, const RawStack& stack) {
    std::vector<StackFrame> frames;
    frames.reserve(stack.frames.size());
    for (auto raw = stack.frames.rbegin(); raw != stack.frames.rend(); ++raw) {
        const Code& code = *raw->code;
        StackFrame frame{.function = code.qualname,
                         .name = code.name,
                         .file = code.filename,
                         .position = {},
                         .address = raw->address,
                         .code = code.address,
                         .byte_offset = raw->byte_offset};
        if (raw->byte_offset) {
            frame.position =
                find_position(layout.line_table_rule, code.line_table, code.first_line, *raw->byte_offset);
        }
        frames.push_back(std::move(frame));
    }
    return frames;
}

}  // namespace corotrace
