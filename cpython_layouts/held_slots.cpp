// SPDX-License-Identifier: MIT
#include "cpython_layouts/held_slots.hpp"

#include <algorithm>
#include <span>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/limits.hpp"

namespace corotrace {

namespace {

// A frame that dies empties its variables from the first to the last; where they are stack references, from
// the last to the first. Source: CPython v3.11.0 to v3.13.0 Objects/frameobject.c, frame_dealloc; v3.14.0
// Python/frame.c, _PyFrame_ClearLocals.
std::optional<std::uint32_t> find_emptied(std::span<const std::uint64_t> words, std::uint64_t mask) {
    const auto is_empty = [&](std::uint64_t word) { return (word & ~mask) == 0; };
    const auto first_full = std::ranges::find_if_not(words, is_empty) - words.begin();
    const auto last_full = std::ranges::find_if_not(words.rbegin(), words.rend(), is_empty);
    const auto emptied = mask == 0 ? first_full - 1 : words.rend() - last_full;
    const bool known = emptied >= 0 && emptied < static_cast<std::ptrdiff_t>(words.size());
    return known ? std::optional(static_cast<std::uint32_t>(emptied)) : std::nullopt;
}

}  // namespace

Result<HeldSlots> find_held_slots(const RemoteMemory& memory, const Layout& layout, const Bytecode& bytecode,
                                  RemoteAddr frame, RemoteAddr object) {
    // The value stack follows the variables, in frame objects as in interpreter frames.
    const bool objects = layout.frame_rule == FrameRule::kFrameObjects;
    const Offset first = objects ? layout.frame_object.locals : layout.interpreter_frame.locals;
    const std::size_t variables = std::min(bytecode.variables.size(), kMaxLocals);
    const std::size_t depth = std::min<std::size_t>(bytecode.stack_size, kMaxLocals);
    std::vector<std::uint64_t> words(variables + depth);
    if (auto done = memory.read(at(frame, first), std::as_writable_bytes(std::span(words))); !done) {
        return std::move(done).error().in("variables of frame " + to_hex(frame));
    }
    HeldSlots held;
    held.emptied = find_emptied(std::span(words).first(variables), layout.stackref_mask);
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::uint64_t word = words[i] & ~layout.stackref_mask;
        if (i < variables) {
            if (word == object.value) held.variables.push_back(static_cast<std::uint32_t>(i));
        } else if (word == object.value || word == 0) {
            auto& depths = word == 0 ? held.cleared : held.operands;
            depths.push_back(static_cast<std::uint32_t>(i - variables));
        } else {
            held.others.push_back({word});
        }
    }
    return held;
}

Result<RemoteAddr> read_last_callee(const RemoteMemory& memory, const Layout& layout, RemoteAddr thread) {
    if (layout.thread_state.datastack_top == kAbsent) return Error{Errc::not_found, 0, "no data stack"};
    CT_TRY(const auto top, memory.read_pointer(at(thread, layout.thread_state.datastack_top)));
    if (top.is_null()) return Error{Errc::not_found, 0, "no data stack yet"};
    CT_TRY(const auto word, memory.read_as<std::uint64_t>(at(top, layout.interpreter_frame.executable)));
    return RemoteAddr{word & ~layout.stackref_mask};
}

}  // namespace corotrace
