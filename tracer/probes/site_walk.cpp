// SPDX-License-Identifier: MIT
#include "tracer/probes/site_walk.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <string>
#include <string_view>
#include <thread>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/runtime.hpp"

namespace corotrace {

namespace {

constexpr std::uint64_t kKeyMask = (std::uint64_t{1} << arch::SiteHash::kKeyBits) - 1;
constexpr std::chrono::milliseconds kProofLimit{100};
constexpr std::chrono::microseconds kBetweenTries{500};

bool may_follow(RemoteAddr frame) {
    return !frame.is_null() && frame.value % 8 == 0 && frame.value >> arch::SiteHash::kPointerBits == 0;
}

void mix(std::uint64_t& key, std::uint64_t word) {
    key = (key ^ word) * arch::SiteHash::kMultiplier;
    key ^= key >> arch::SiteHash::kShift;
}

Result<RemoteAddr> read_head(const RemoteMemory& memory, const arch::StubWalk& walk,
                             RemoteAddr thread_state) {
    CT_TRY(const auto head, memory.read_pointer(at(thread_state, walk.frame)));
    if (walk.indirect == kAbsent || head.is_null()) return head;
    return memory.read_pointer(at(head, walk.indirect));
}

// What the stub mixes of one frame: an address of an instruction, or the code object's and a count.
Result<std::uint64_t> read_word(const RemoteMemory& memory, const arch::StubWalk& walk, RemoteAddr frame) {
    if (walk.code == kAbsent) {
        CT_TRY(const auto instruction, memory.read_pointer(at(frame, walk.instruction)));
        return instruction.value;
    }
    CT_TRY(const auto code, memory.read_pointer(at(frame, walk.code)));
    CT_TRY(const auto count, memory.read_as<std::int32_t>(at(frame, walk.instruction)));
    return code.value + static_cast<std::uint64_t>(std::int64_t{count});
}

Status mix_ended(const RemoteMemory& memory, const arch::StubWalk& walk, const arch::StubEndedWalk& ended,
                 RemoteAddr thread_state, RemoteAddr innermost, std::uint64_t& key) {
    CT_TRY(const auto chunk, memory.read_pointer(at(thread_state, ended.stack_chunk)));
    CT_TRY(const auto top, memory.read_pointer(at(thread_state, ended.stack_top)));
    if (innermost < chunk) return {};
    CT_TRY(auto code, memory.read_pointer(at(innermost, ended.executable)));
    code.value &= ~arch::kKeyTagMask;
    CT_TRY(const auto slots, memory.read_as<std::int32_t>(at(code, ended.slots)));
    CT_TRY(const auto stack, memory.read_as<std::int32_t>(at(code, ended.stack_size)));
    const std::int64_t words = std::int64_t{slots} + stack;
    const RemoteAddr next = at(innermost, ended.locals) + static_cast<std::uint64_t>(words * 8);
    if (next < chunk || at(next, ended.locals) > top) return {};
    CT_TRY(const auto word, read_word(memory, walk, next));
    mix(key, word);
    return {};
}

arch::StubCollecting plan_collecting(const Layout& layout, RemoteAddr runtime) {
    arch::StubCollecting collecting{.flag = {},
                                    .interpreter = layout.thread_state.interpreter,
                                    .collecting = layout.interpreter.gc_collecting,
                                    .refcount = layout.object.refcount};
    if (layout.interpreter.gc_collecting == kAbsent) {
        collecting.flag = at(runtime, layout.runtime.gc_collecting);
    }
    return collecting;
}

// True: of what the collector finalizes a key has no frames.
Result<bool> mix_collecting(const RemoteMemory& memory, const arch::StubCollecting& collecting,
                            const DropPlace& drop, std::uint64_t& key) {
    RemoteAddr flag = collecting.flag;
    if (flag.is_null()) {
        CT_TRY(const auto interpreter, memory.read_pointer(at(drop.thread_state, collecting.interpreter)));
        if (interpreter.is_null()) return false;
        flag = at(interpreter, collecting.collecting);
    }
    CT_TRY(const auto is_on, memory.read_as<std::int32_t>(flag));
    if (is_on == 0) return false;
    mix(key, arch::StubCollecting::kWord);
    if (collecting.refcount == kAbsent) return false;
    CT_TRY(const auto refcount, memory.read_as<std::uint32_t>(at(drop.object, collecting.refcount)));
    return refcount > 1;
}

}  // namespace

Result<arch::StubWalk> plan_site_walk(const Layout& layout, SymbolIndex& symbols, RemoteAddr runtime) {
    // Up to 3.12, and from 3.13 on. Source: CPython Include/cpython/pystate.h.
    constexpr std::array<std::string_view, 2> kNames = {"_PyThreadState_UncheckedGet",
                                                        "PyThreadState_GetUnchecked"};
    std::optional<RemoteAddr> function;
    for (const std::string_view name : kNames) {
        for (const ElfModule* module : symbols.modules()) {
            const auto symbol = module->find_exported(name);
            if (symbol && !function) function = symbol->address;
        }
    }
    if (!function) return Error{Errc::not_found, 0, "no function that returns the thread state is exported"};
    const InterpreterFrameLayout& frame = layout.interpreter_frame;
    arch::StubWalk walk{.current_thread = *function,
                        .frame = layout.thread_state.frame,
                        .indirect = kAbsent,
                        .previous = frame.previous,
                        .code = kAbsent,
                        .instruction = frame.instruction,
                        .executable = frame.executable,
                        .most_debt = arch::kMostDebt,
                        .ended = {},
                        .collecting = plan_collecting(layout, runtime)};
    if (layout.frame_rule == FrameRule::kFrameObjects) {
        walk.previous = layout.frame_object.back;
        walk.code = layout.frame_object.code;
        walk.instruction = layout.frame_object.lasti;
        walk.executable = layout.frame_object.code;
        // Code objects have no qualified name yet, so that a capture cannot tell what was dropped.
        walk.most_debt = std::numeric_limits<std::int32_t>::max();
        return walk;
    }
    if (layout.frame_rule == FrameRule::kCFrame) walk.indirect = layout.thread_state.cframe_current;
    walk.ended = arch::StubEndedWalk{.owner = frame.owner,
                                     .executable = frame.executable,
                                     .slots = layout.code.slots,
                                     .stack_size = layout.code.stack_size,
                                     .locals = frame.locals,
                                     .stack_chunk = layout.thread_state.datastack_chunk,
                                     .stack_top = layout.thread_state.datastack_top};
    return walk;
}

Result<std::uint64_t> make_site_key(const RemoteMemory& memory, const arch::StubWalk& walk,
                                    const DropPlace& drop, std::uint32_t depth) {
    std::uint64_t key = drop.code;
    const auto tagged = [&] {
        return (key & kKeyMask & ~arch::kKeyTagMask) | (drop.code & arch::kKeyTagMask);
    };
    mix(key, 0);
    if (walk.collecting) {
        CT_TRY(const bool is_collected, mix_collecting(memory, *walk.collecting, drop, key));
        if (is_collected) return tagged();
    }
    std::optional<RemoteAddr> on_stack;
    CT_TRY(RemoteAddr frame, read_head(memory, walk, drop.thread_state));
    for (std::uint32_t i = 0; i < depth && may_follow(frame); ++i) {
        if (walk.ended && !on_stack) {
            CT_TRY(const auto owner, memory.read_as<std::int8_t>(at(frame, walk.ended->owner)));
            if (owner == 0) on_stack = frame;
        }
        CT_TRY(const auto word, read_word(memory, walk, frame));
        mix(key, word);
        CT_TRY(frame, memory.read_pointer(at(frame, walk.previous)));
    }
    if (walk.ended && on_stack) {
        auto done = mix_ended(memory, walk, *walk.ended, drop.thread_state, *on_stack, key);
        if (!done) return done.error();
    }
    return tagged();
}

Result<std::optional<bool>> check_site_walk(const RemoteMemory& memory, const Layout& layout,
                                            const arch::StubWalk& walk, CodeCache& codes,
                                            const ThreadState& thread) {
    CT_TRY(const auto stack, copy_stack(memory, layout, codes, thread));
    if (stack.broken) return Error{Errc::malformed, 0, stack.note};
    std::vector<RemoteAddr> met;
    CT_TRY(RemoteAddr frame, read_head(memory, walk, thread.address));
    for (std::uint32_t i = 0; i < kSiteFrames && may_follow(frame); ++i) {
        met.push_back(frame);
        if (const auto word = read_word(memory, walk, frame); !word) return word.error();
        CT_TRY(frame, memory.read_pointer(at(frame, walk.previous)));
    }
    if (!frame.is_null() && !may_follow(frame)) return Error{Errc::malformed, 0, "a frame's address"};
    if (stack.frames.empty()) return std::optional<bool>();
    // The walk also meets those that stand for C calls, so each of the readers' has to be among them in
    // order.
    auto from = met.begin();
    for (const RawFrame& known : stack.frames) {
        from = std::find(from, met.end(), known.address);
        if (from == met.end())
            return std::optional(met.size() == kSiteFrames && known.address != stack.frames.front().address);
        if (!known.byte_offset) return Error{Errc::malformed, 0, "an instruction that is not of its code"};
    }
    return std::optional(true);
}

std::optional<std::string> prove_site_walk(const RemoteMemory& memory, const Layout& layout,
                                           const arch::StubWalk& walk, RemoteAddr runtime) {
    const auto end = std::chrono::steady_clock::now() + kProofLimit;
    std::string why = "no thread runs Python";
    do {
        CodeCache codes;
        const auto threads = read_thread_states(memory, layout, runtime);
        if (!threads && threads.error().code == Errc::gone) return threads.error().what;
        for (const ThreadState& thread : threads ? *threads : std::vector<ThreadState>{}) {
            const auto proved = check_site_walk(memory, layout, walk, codes, thread);
            if (proved && *proved && **proved) return std::nullopt;
            if (!proved) why = proved.error().what;
            if (proved && *proved) why = "it met other frames than the stack has";
        }
        std::this_thread::sleep_for(kBetweenTries);
    } while (std::chrono::steady_clock::now() < end);
    return why;
}

}  // namespace corotrace
