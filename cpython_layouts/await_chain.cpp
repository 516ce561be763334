// SPDX-License-Identifier: MIT
#include "cpython_layouts/await_chain.hpp"

#include <algorithm>
#include <span>
#include <string_view>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/coroutine.hpp"
#include "cpython_layouts/limits.hpp"
#include "cpython_layouts/objects.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMaxChain = 64;

bool is_suspendable(std::string_view type) {
    return type == "coroutine" || type == "async_generator";
}

struct CoroutineFrame {
    RemoteAddr address;  // null: gone with the end of the coroutine
    bool ended = false;
};

Result<CoroutineFrame> place_of(const RemoteMemory& memory, const Layout& layout, RemoteAddr coroutine) {
    if (layout.frame_rule == FrameRule::kFrameObjects) {
        CT_TRY(const auto frame, memory.read_pointer(at(coroutine, layout.coroutine.frame)));
        return CoroutineFrame{.address = frame, .ended = frame.is_null()};
    }
    CT_TRY(const auto state, memory.read_as<std::int8_t>(at(coroutine, layout.coroutine.frame_state)));
    return CoroutineFrame{.address = at(coroutine, layout.coroutine.iframe),
                          .ended = state == layout.cleared_value};
}

// The operands of a suspended frame: where the first would be, and where the last one ends.
struct Operands {
    RemoteAddr first;
    RemoteAddr end;
};

Result<Operands> find_operands_of_object(const RemoteMemory& memory, const Layout& layout, RemoteAddr frame) {
    const FrameObjectLayout& fields = layout.frame_object;
    CT_TRY(const auto first, memory.read_pointer(at(frame, fields.value_stack)));
    if (fields.stack_top != kAbsent) {
        CT_TRY(const auto top, memory.read_pointer(at(frame, fields.stack_top)));
        return Operands{first, top};
    }
    CT_TRY(const auto depth, memory.read_as<std::int32_t>(at(frame, fields.stack_depth)));
    return Operands{first, first + kWord * static_cast<std::uint64_t>(std::max(depth, 0))};
}

Result<Operands> find_operands(const RemoteMemory& memory, const Layout& layout, const RawFrame& frame) {
    if (layout.frame_rule == FrameRule::kFrameObjects) {
        return find_operands_of_object(memory, layout, frame.address);
    }
    const InterpreterFrameLayout& fields = layout.interpreter_frame;
    const RemoteAddr locals = at(frame.address, fields.locals);
    const auto slots = static_cast<std::uint64_t>(std::max(frame.code->slots, 0));
    const RemoteAddr first = locals + kWord * slots;
    if (fields.stack_pointer != kAbsent) {
        CT_TRY(const auto top, memory.read_pointer(at(frame.address, fields.stack_pointer)));
        return Operands{first, top};
    }
    CT_TRY(const auto count, memory.read_as<std::int32_t>(at(frame.address, fields.stack_count)));
    return Operands{first, locals + kWord * static_cast<std::uint64_t>(std::max(count, 0))};
}

// What a frame that is suspended at an await awaits: its last operand. Null: no such thing.
Result<RemoteAddr> find_awaited(const RemoteMemory& memory, const Layout& layout, const RawFrame& frame) {
    CT_TRY(const auto operands, read_operands(memory, layout, frame));
    if (operands.empty()) return RemoteAddr{};
    RemoteAddr object = operands.back();
    // From 3.15 on an iterator has its index above it, of which there is none for a coroutine.
    if (object.is_null() && operands.size() > 1) object = operands[operands.size() - 2];
    if (object.is_null()) return object;
    CT_TRY(const auto type, read_type_name_of(memory, layout, object));
    if (is_suspendable(type)) return object;
    // These begin with the object that they stand for. Source: CPython Objects/genobject.c.
    if (type == "coroutine_wrapper" || type == "async_generator_asend" || type == "async_generator_athrow") {
        return memory.read_pointer(at(object, layout.asend.generator));
    }
    return RemoteAddr{};
}

Result<RawFrame> read_traceback_frame(const RemoteMemory& memory, const Layout& layout, CodeCache& codes,
                                      RemoteAddr entry) {
    CT_TRY(const auto frame, memory.read_pointer(at(entry, layout.traceback.frame)));
    CT_TRY(const auto offset, memory.read_as<std::int32_t>(at(entry, layout.traceback.instruction)));
    RawFrame raw{.address = frame, .code = {}, .byte_offset = std::nullopt};
    RemoteAddr code;
    if (layout.frame_rule == FrameRule::kFrameObjects) {
        CT_TRY(code, memory.read_pointer(at(frame, layout.frame_object.code)));
    } else {
        // As a stack's frames are: that of one which still runs is the same.
        CT_TRY(raw.address, memory.read_pointer(at(frame, layout.frame_object.interpreter_frame)));
        CT_TRY(const auto word, memory.read_pointer(at(raw.address, layout.interpreter_frame.executable)));
        code = {word.value & ~layout.stackref_mask};
    }
    CT_TRY(raw.code, codes.find_or_read(memory, layout, code));
    if (offset >= 0 && offset < raw.code->bytecode_bytes) raw.byte_offset = offset;
    return raw;
}

// Whether the frame has run, and does not wait for itself.
bool goes_on(const std::vector<RawFrame>& chain, const RawFrame& frame) {
    return frame.byte_offset.value_or(-1) >= 0 &&
           std::ranges::find(chain, frame.address, &RawFrame::address) == chain.end();
}

}  // namespace

Result<AwaitChain> read_await_chain(const RemoteMemory& memory, const Layout& layout, CodeCache& codes,
                                    RemoteAddr coroutine) {
    AwaitChain chain;
    // From 3.11 on the frame of one that has not started stands behind the instruction that made it.
    if (const auto created = read_is_created(memory, layout, coroutine); created && *created) return chain;
    std::vector<RawFrame>& frames = chain.frames;
    while (!coroutine.is_null() && frames.size() < kMaxChain) {
        const auto place = place_of(memory, layout, coroutine);
        if (frames.empty()) {
            if (!place) return place.error();
            if (place->address.is_null()) return Error{Errc::not_found, 0, "the coroutine was closed before"};
            chain.closed = place->ended;
        }
        if (!place || (place->ended && !frames.empty())) break;
        auto frame = read_frame(memory, layout, codes, place->address);
        if (!frame && frames.empty()) return std::move(frame).error();
        if (!frame || !*frame || !goes_on(frames, **frame)) break;
        frames.push_back(**std::move(frame));
        if (chain.closed) break;
        coroutine = find_awaited(memory, layout, frames.back()).value_or(RemoteAddr{});
    }
    std::ranges::reverse(frames);
    return chain;
}

Result<std::vector<RemoteAddr>> read_operands(const RemoteMemory& memory, const Layout& layout,
                                              const RawFrame& frame) {
    CT_TRY(const auto place, find_operands(memory, layout, frame));
    const std::uint64_t bytes = place.end.value - place.first.value;
    if (place.end < place.first || bytes > kWord * kMaxLocals || bytes % kWord != 0) {
        return Error{Errc::malformed, 0, "the operands of a frame"};
    }
    std::vector<RemoteAddr> operands(bytes / kWord);
    if (auto done = memory.read(place.first, std::as_writable_bytes(std::span(operands))); !done) {
        return done.error();
    }
    for (RemoteAddr& operand : operands) operand.value &= ~layout.stackref_mask;
    return operands;
}

Result<std::vector<RawFrame>> read_traceback(const RemoteMemory& memory, const Layout& layout,
                                             CodeCache& codes, RemoteAddr exception) {
    std::vector<RawFrame> frames;
    CT_TRY(auto entry, memory.read_pointer(at(exception, layout.exception.traceback)));
    while (!entry.is_null() && frames.size() < kMaxChain) {
        CT_TRY(const auto type, read_type_name_of(memory, layout, entry));
        if (std::string_view(type) != "traceback") {
            return Error{Errc::malformed, 0, "a traceback is a " + type};
        }
        CT_TRY(auto frame, read_traceback_frame(memory, layout, codes, entry));
        frames.push_back(std::move(frame));
        CT_TRY(entry, memory.read_pointer(at(entry, layout.traceback.next)));
    }
    std::ranges::reverse(frames);
    return frames;
}

}  // namespace corotrace
