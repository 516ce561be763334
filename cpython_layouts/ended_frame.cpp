// SPDX-License-Identifier: MIT
#include "cpython_layouts/ended_frame.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/coroutine.hpp"
#include "cpython_layouts/limits.hpp"
#include "cpython_layouts/objects.hpp"

namespace corotrace {

namespace {

constexpr int kMaxNested = 16;                  // functions that end together
constexpr std::size_t kEndedStackWords = 2048;  // of the native stack that are examined: 16 KiB

using Found = std::optional<EndedFrame>;

Result<std::vector<RemoteAddr>> read_slots(const RemoteMemory& memory, const Layout& layout,
                                           const RawFrame& frame) {
    const std::int32_t slots = frame.code->slots;
    if (slots < 0 || static_cast<std::size_t>(slots) > kMaxLocals) {
        return Error{Errc::malformed, 0, "number of variables"};
    }
    std::vector<std::uint64_t> words(static_cast<std::size_t>(slots));
    const RemoteAddr first = at(frame.address, layout.interpreter_frame.locals);
    if (auto done = memory.read(first, std::as_writable_bytes(std::span(words))); !done) return done.error();
    std::vector<RemoteAddr> objects;
    objects.reserve(words.size());
    for (const std::uint64_t word : words) objects.push_back({word & ~layout.stackref_mask});
    return objects;
}

Result<bool> names_object(const RemoteMemory& memory, const Layout& layout, const RawFrame& frame,
                          RemoteAddr object) {
    CT_TRY(const auto slots, read_slots(memory, layout, frame));
    return std::ranges::find(slots, object) != slots.end();
}

// One of its variables is being deallocated, and takes with it what it held. A frame that is cleared keeps
// the words of its variables.
Result<bool> names_dying(const RemoteMemory& memory, const Layout& layout, TypeCache& types,
                         const RawFrame& frame) {
    CT_TRY(const auto slots, read_slots(memory, layout, frame));
    return std::ranges::any_of(slots, [&](RemoteAddr slot) {
        if (slot.is_null() || slot.value % kWord != 0) return false;
        const auto count = read_refcount(memory, layout, slot);
        if (!count || *count != 0) return false;
        const auto type = read_type(memory, layout, slot);
        return type && types.find_or_read(memory, layout, *type).ok();
    });
}

// Bytes that the frame of this code takes on the data stack. Source: CPython Python/codeobject.c
// (co_framesize) and 3.11 Python/ceval.c (_PyEvalFramePushAndInit).
std::optional<std::uint64_t> frame_bytes(const Layout& layout, const Code& code) {
    constexpr std::int32_t kMost = 1 << 20;
    if (code.slots < 0 || code.stack_size < 0 || code.slots > kMost || code.stack_size > kMost) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(layout.interpreter_frame.locals) +
           kWord * (static_cast<std::uint64_t>(code.slots) + static_cast<std::uint64_t>(code.stack_size));
}

// Behind the innermost function's frame there is nothing, unless one is being cleared there.
Result<Found> find_on_data_stack(const RemoteMemory& memory, const Layout& layout, CodeCache& codes,
                                 const ThreadState& thread, const RawStack& stack, RemoteAddr object) {
    const ThreadStateLayout& fields = layout.thread_state;
    CT_TRY(const auto top, memory.read_pointer(at(thread.address, fields.datastack_top)));
    CT_TRY(const auto chunk, memory.read_pointer(at(thread.address, fields.datastack_chunk)));
    const auto innermost =
        std::ranges::find_if(stack.frames, [](const RawFrame& frame) { return !frame.in_generator; });
    Found found;
    if (innermost == stack.frames.end() || top.is_null() || chunk.is_null()) return found;
    RawFrame frame = *innermost;
    for (int i = 0; i < kMaxNested; ++i) {
        const auto bytes = frame_bytes(layout, *frame.code);
        if (!bytes) break;
        const RemoteAddr next = frame.address + *bytes;
        // Of an older chunk nothing behind its last frame can be told from what was there before.
        if (next < chunk || next >= top || frame.address < chunk) break;
        auto ended = read_frame(memory, layout, codes, next);
        if (!ended || !*ended || (*ended)->in_generator || !(*ended)->byte_offset) break;
        frame = **std::move(ended);
        found = EndedFrame{.frame = frame, .on_data_stack = true, .is_next = i == 0};
        const auto names = names_object(memory, layout, frame, object);
        if (names && *names) break;
    }
    return found;
}

// Of an object that steps a generator, and of a generator itself: the generator. Null: it is something else.
std::optional<RemoteAddr> find_generator(const RemoteMemory& memory, const Layout& layout, TypeCache& types,
                                         RemoteAddr candidate) {
    if (candidate.is_null() || candidate.value % kWord != 0) return std::nullopt;
    const auto address = read_type(memory, layout, candidate);
    if (!address) return std::nullopt;
    const auto type = types.find_or_read(memory, layout, *address);
    if (!type) return std::nullopt;
    const std::string& name = (*type)->name;
    if (name == "coroutine" || name == "generator" || name == "async_generator") return candidate;
    if (name != "coroutine_wrapper" && name != "async_generator_asend" && name != "async_generator_athrow")
        return std::nullopt;
    // All three begin with the object that they stand for. Source: Objects/genobject.c.
    const auto inner = memory.read_pointer(at(candidate, layout.asend.generator));
    return inner ? std::optional(*inner) : std::nullopt;
}

// The frame of a generator that has run to its end, which keeps it. Null: it has not.
std::optional<RawFrame> find_last_frame(const RemoteMemory& memory, const Layout& layout, CodeCache& codes,
                                        RemoteAddr generator) {
    const auto state = memory.read_as<std::int8_t>(at(generator, layout.coroutine.frame_state));
    if (!state || *state != layout.cleared_value) return std::nullopt;
    auto frame = read_frame(memory, layout, codes, at(generator, layout.coroutine.iframe));
    if (!frame || !*frame || !(*frame)->byte_offset) return std::nullopt;
    return **std::move(frame);
}

// Only a generator that the innermost function works on, or the task that runs, can be the one that ends now.
Result<Found> find_in_generators(const RemoteMemory& memory, const Layout& layout, CodeCache& codes,
                                 TypeCache& types, RemoteAddr object, std::span<const RemoteAddr> candidates,
                                 bool by_holder) {
    for (const RemoteAddr candidate : candidates) {
        if (candidate == object) continue;
        const auto generator = find_generator(memory, layout, types, candidate);
        if (!generator) continue;
        // One that is gone itself ended before: its variables are whatever came after.
        const auto count = by_holder ? read_refcount(memory, layout, *generator) : Result<std::int64_t>(1);
        if (!count || *count <= 0) continue;
        const auto frame = find_last_frame(memory, layout, codes, *generator);
        if (!frame) continue;
        const auto names = by_holder ? names_dying(memory, layout, types, *frame)
                                     : names_object(memory, layout, *frame, object);
        if (names && *names) return Found(EndedFrame{.frame = *frame});
    }
    return Found();
}

// Up to 3.10. A frame object is what it seems if it has the type of the living ones, no references, and is
// not the dead one that its code keeps for the next call.
Result<bool> is_ending(const RemoteMemory& memory, const Layout& layout, RemoteAddr frame, RemoteAddr type,
                       RemoteAddr innermost) {
    CT_TRY(const auto its_type, read_type(memory, layout, frame));
    if (its_type != type) return false;
    CT_TRY(const auto count, read_refcount(memory, layout, frame));
    CT_TRY(const auto back, memory.read_pointer(at(frame, layout.frame_object.back)));
    if (count != 0 || (back != innermost && !back.is_null())) return false;
    CT_TRY(const auto code, memory.read_pointer(at(frame, layout.frame_object.code)));
    CT_TRY(const auto zombie, memory.read_pointer(at(code, layout.frame_object.zombie)));
    if (zombie == frame) return false;
    if (!back.is_null()) return true;
    // A generator's frame is taken off the stack before it ends, and so is each frame that is kept for reuse.
    CT_TRY(const auto flags, memory.read_as<std::uint32_t>(at(code, layout.code.flags)));
    return (flags & (kCodeGenerator | kCodeCoroutine | kCodeAsyncGenerator)) != 0 && zombie.is_null();
}

Result<Found> find_frame_object(const RemoteMemory& memory, const Layout& layout, CodeCache& codes,
                                const RawStack& stack, const EndedHints& hints) {
    if (stack.frames.empty() || hints.native_stack.is_null()) return Found();
    const RemoteAddr innermost = stack.frames.front().address;
    CT_TRY(const auto type, read_type(memory, layout, innermost));
    std::vector<std::uint64_t> words(kEndedStackWords);
    // The stack may end before.
    while (!words.empty() && !memory.read(hints.native_stack, std::as_writable_bytes(std::span(words)))) {
        words.resize(words.size() / 2);
    }
    words.insert(words.begin(), hints.registers.begin(), hints.registers.end());
    std::vector<std::uint64_t> tried;
    for (const std::uint64_t word : words) {
        if (word % kObjectAlignment != 0 || word < 4096 || word == innermost.value) continue;
        if (std::ranges::find(tried, word) != tried.end()) continue;
        tried.push_back(word);
        const auto ending = is_ending(memory, layout, {word}, type, innermost);
        if (!ending || !*ending) continue;
        auto frame = read_frame(memory, layout, codes, {word});
        if (frame && *frame && (*frame)->byte_offset) return Found(EndedFrame{.frame = **std::move(frame)});
    }
    return Found();
}

}  // namespace

Result<std::optional<EndedFrame>> find_ended_frame(const RemoteMemory& memory, const Layout& layout,
                                                   CodeCache& codes, TypeCache& types,
                                                   const ThreadState& thread, const RawStack& stack,
                                                   RemoteAddr object, const EndedHints& hints) {
    if (layout.frame_rule == FrameRule::kFrameObjects) {
        return find_frame_object(memory, layout, codes, stack, hints);
    }
    CT_TRY(auto found, find_in_generators(memory, layout, codes, types, object, hints.objects, false));
    if (found) return found;
    CT_TRY(found, find_on_data_stack(memory, layout, codes, thread, stack, object));
    if (found) return found;
    return find_in_generators(memory, layout, codes, types, object, hints.objects, true);
}

}  // namespace corotrace
