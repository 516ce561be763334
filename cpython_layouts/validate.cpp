// SPDX-License-Identifier: MIT
#include "cpython_layouts/validate.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/debug_offsets.hpp"
#include "cpython_layouts/dict.hpp"
#include "cpython_layouts/frame.hpp"
#include "cpython_layouts/integer.hpp"
#include "cpython_layouts/objects.hpp"
#include "cpython_layouts/runtime.hpp"
#include "cpython_layouts/validate_types.hpp"
#include "cpython_layouts/version.hpp"
#include "symbols/page_cache.hpp"

namespace corotrace {

namespace {

constexpr int kTries = 20;        // for what a running target changes while it is examined
constexpr int kStackTries = 200;  // a stack changes all the time

class Validator {
public:
    Validator(const RemoteMemory& memory, const Layout& layout, RemoteAddr runtime, RemoteAddr coroutine_type)
        : pages_(memory), layout_(layout), runtime_(runtime), coroutine_type_(coroutine_type) {}

    Status run() {
        struct Check {
            Status (Validator::*check)();
            int tries;
        };
        constexpr std::array kChecks = {
            Check{&Validator::check_coroutine_type, 1},    Check{&Validator::check_debug_table, 1},
            Check{&Validator::check_interpreters, kTries}, Check{&Validator::check_threads, kTries},
            Check{&Validator::check_depths, kTries},       Check{&Validator::check_modules, kTries},
            Check{&Validator::check_all_types, 1},         Check{&Validator::check_stacks, 1},
        };
        for (const Check& check : kChecks) {
            auto done = (this->*check.check)();
            for (int i = 1; i < check.tries && !done; ++i) {
                pages_.clear();
                done = (this->*check.check)();
            }
            if (!done) return fail(std::move(done).error());
        }
        return {};
    }

private:
    // What cannot be read where the table says is as wrong as a wrong value.
    [[nodiscard]] Error fail(Error error) const {
        if (error.code == Errc::gone || error.code == Errc::denied) return error;
        return {Errc::unsupported, 0,
                "this process does not fit the layout of CPython " + std::string(layout_.name) + ": " +
                    error.what};
    }

    Status check_coroutine_type() {
        CT_TRY(const auto name, read_type_name(memory_, layout_, coroutine_type_));
        if (name != "coroutine") return belief("PyCoro_Type is named '" + name + "'");
        CT_TRY(const auto meta, read_type_name_of(memory_, layout_, coroutine_type_));
        if (meta != "type") return belief("the type of PyCoro_Type is named '" + meta + "'");
        CT_TRY(const auto finalize, memory_.read_pointer(at(coroutine_type_, layout_.type.finalize)));
        if (finalize.is_null()) return belief("PyCoro_Type has no tp_finalize");
        // No bit above 31 is used in any version: a pointer in their place looks like flags now and then.
        constexpr std::uint64_t kOfBuiltIn = kTypeFlagReady | kTypeFlagCollected;
        CT_TRY(const auto flags, memory_.read_as<std::uint64_t>(at(coroutine_type_, layout_.type.flags)));
        if ((flags >> 32U) != 0 || (flags & (kOfBuiltIn | kTypeFlagHeap)) != kOfBuiltIn) {
            return belief("flags of PyCoro_Type");
        }
        return {};
    }

    Status check_debug_table() { return check_debug_offsets(memory_, layout_, runtime_); }

    Status check_all_types() { return check_types(memory_, layout_, interpreter_, coroutine_type_); }

    Status check_interpreters() {
        CT_TRY(const auto interpreters, read_interpreters(memory_, layout_, runtime_));
        // interpreters.main stands behind interpreters.head in every version.
        CT_TRY(const auto main,
               memory_.read_pointer(at(runtime_, layout_.runtime.interpreters_head + kPointer)));
        for (const Interpreter& interpreter : interpreters) {
            if (interpreter.address == main && interpreter.id == 0) interpreter_ = main;
        }
        if (interpreter_.is_null()) return belief("the main interpreter is not in the list of interpreters");
        return {};
    }

    Status check_threads() {
        CT_TRY(threads_, read_thread_states(memory_, layout_, runtime_));
        if (threads_.empty()) return belief("no thread state");
        // One that fits is enough: those of threads that start or end at this moment do not.
        Status last;
        const bool fits = std::any_of(threads_.begin(), threads_.end(), [&](const ThreadState& thread) {
            last = check_thread(thread);
            return last.ok();
        });
        if (!fits) return last;
        if (layout_.current_thread_rule != CurrentThreadRule::kRuntimeCurrent) return {};
        CT_TRY(const auto current, memory_.read_pointer(at(runtime_, layout_.runtime.current_thread_state)));
        const bool known = std::any_of(threads_.begin(), threads_.end(),
                                       [&](const ThreadState& thread) { return thread.address == current; });
        return known || current.is_null() ? Status{} : belief("the current thread state is none of the list");
    }

    Status check_thread(const ThreadState& thread) {
        const std::string name = "thread state " + to_hex(thread.address);
        // pthread_t is the address of the thread's control block, whose first word is that address. Source:
        // tcbhead_t of glibc (sysdeps/x86_64/nptl/tls.h), struct pthread of musl
        // (src/internal/pthread_impl.h).
        const auto self = memory_.read_pointer({thread.thread_id});
        if (!self || *self != RemoteAddr{thread.thread_id}) return belief("thread id of " + name);
        constexpr std::uint64_t kMaxTid = 1U << 22U;  // PID_MAX_LIMIT of Linux
        if (thread.native_id && (*thread.native_id == 0 || *thread.native_id > kMaxTid)) {
            return belief("native thread id of " + name);
        }
        if (layout_.current_thread_rule == CurrentThreadRule::kStatusActive) {
            constexpr std::uint32_t kInitialized = 1;  // the first bit of _status; it has 9 or 10
            constexpr std::uint32_t kMaxStatus = 0x3ff;
            CT_TRY(const auto status,
                   memory_.read_as<std::uint32_t>(at(thread.address, layout_.thread_state.status)));
            if ((status & kInitialized) == 0 || status > kMaxStatus) return belief("status of " + name);
        }
        if (auto done = read_gc_collecting(memory_, layout_, runtime_, thread); !done)
            return std::move(done).error();
        return {};
    }

    // The one number of a thread that corotrace writes. It is right from the first to the last moment of a
    // thread state, so that of every thread has to fit.
    Status check_depths() {
        constexpr std::int32_t kMaxDepth = 1'000'000;
        CT_TRY(const auto threads, read_thread_states(memory_, layout_, runtime_));
        for (const ThreadState& thread : threads) {
            const RemoteAddr from = at(thread.address, layout_.thread_state.origin_depth);
            CT_TRY(const auto depth, memory_.read_as<std::int32_t>(from));
            if (depth < 0 || depth > kMaxDepth) {
                return belief("coroutine origin tracking depth of thread state " + to_hex(thread.address));
            }
        }
        return {};
    }

    Status check_modules() {
        CT_TRY(const auto hexversion, find_attribute("sys", "hexversion"));
        CT_TRY(const auto hex, read_int(memory_, layout_, hexversion));
        const auto version = parse_version_hex(static_cast<std::uint32_t>(hex));
        if (!version) return belief("sys.hexversion is " + std::to_string(hex));
        CT_TRY(const auto text, find_attribute("sys", "version"));
        CT_TRY(const auto words, read_str(memory_, layout_, text));
        if (parse_version(words).value_or(PythonVersion{}).minor != version->minor) {
            return belief("sys.version is '" + words.substr(0, 40) + "'");
        }
        CT_TRY(const auto modules, find_attribute("sys", "modules"));
        CT_TRY(const auto items, read_dict(memory_, layout_, modules, 1U << 16U));
        if (items.length != items.entries.size()) return belief("number of entries of sys.modules");
        CT_TRY(const auto meta_path, find_attribute("sys", "meta_path"));
        CT_TRY(const auto finders, read_list(memory_, layout_, meta_path, 1));
        for (const RemoteAddr finder : finders.items) {
            if (auto type = read_type_name_of(memory_, layout_, finder); !type)
                return std::move(type).error();
        }
        return {};
    }

    // A thread that runs changes its stack while it is read: one good look is enough. All threads may be
    // without a frame, in a program that embeds Python.
    Status check_stacks() {
        Status last;
        bool all_empty = true;
        for (const ThreadState& thread : threads_) {
            for (int i = 0; i < kStackTries; ++i) {
                pages_.clear();
                const auto good = check_stack(thread);
                if (good && *good) return {};
                if (good) break;
                last = good.error();
                all_empty = false;
            }
        }
        return all_empty ? Status{} : last;
    }

    // Whether there was a frame to look at.
    Result<bool> check_stack(const ThreadState& thread) {
        CodeCache codes;
        CT_TRY(const auto stack, copy_stack(memory_, layout_, codes, thread));
        // Two frames show that the link between them is right; below, a running thread may have moved on.
        if (stack.broken && stack.frames.size() < 2) return belief(stack.note);
        for (const RawFrame& frame : stack.frames) {
            // What a frame calls is never its first instruction.
            const bool called = &frame != &stack.frames.front();
            if (!frame.byte_offset || (called && *frame.byte_offset <= 0)) {
                return belief("position in frame " + to_hex(frame.address));
            }
        }
        if (stack.frames.empty()) return false;
        if (layout_.frame_rule != FrameRule::kFrameObjects) return true;
        CT_TRY(const auto type, read_type(memory_, layout_, stack.frames.front().address));
        const FrameObjectLayout& fields = layout_.frame_object;
        if (auto done = check_instance_size(memory_, layout_, type, "frame", fields.locals + kPointer); !done)
            return std::move(done).error();
        auto done =
            check_members(memory_, layout_, type,
                          {{"f_back", fields.back}, {"f_code", fields.code}, {"f_globals", fields.globals}});
        if (!done) return std::move(done).error();
        return true;
    }

    Result<RemoteAddr> find_attribute(std::string_view module, std::string_view name) const {
        return find_module_attribute(memory_, layout_, interpreter_, module, name);
    }

    PageCache pages_;  // cleared before each look: a quick look at few pages sees less change
    const RemoteMemory& memory_ = pages_;
    const Layout& layout_;
    RemoteAddr runtime_;
    RemoteAddr coroutine_type_;
    RemoteAddr interpreter_;
    std::vector<ThreadState> threads_;
};

}  // namespace

Status validate_layout(const RemoteMemory& memory, const Layout& layout, RemoteAddr runtime,
                       RemoteAddr coroutine_type) {
    return Validator(memory, layout, runtime, coroutine_type).run();
}

}  // namespace corotrace
