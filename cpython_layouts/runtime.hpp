// SPDX-License-Identifier: MIT
// The interpreter's own bookkeeping: interpreters, thread states, whether the collector runs, sys.modules.
// `runtime` is always the address of _PyRuntime. Lists are followed link by link with caps; a list that
// changes while it is read (target not stopped) may end early or fail, never hang.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cpython_layouts/layout.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

struct Interpreter {
    RemoteAddr address;
    std::int64_t id = 0;
};

struct ThreadState {
    RemoteAddr address;
    RemoteAddr interpreter;
    std::uint64_t thread_id = 0;             // pthread_self() of its thread
    std::optional<std::uint64_t> native_id;  // as the target's pid namespace numbers it; from 3.11 on
    bool active = false;  // the one its thread runs in (several interpreters share threads)
    RemoteAddr link;      // the pointer that leads to it: of the list's head, or of the one before it
};

// Errors of all: unreadable, gone, malformed (a cycle or more than the cap).
// Newest interpreter first, as CPython links them. Cost: 2 reads an interpreter.
[[nodiscard]] Result<std::vector<Interpreter>> read_interpreters(const RemoteMemory& memory,
                                                                 const Layout& layout, RemoteAddr runtime);

// Of all interpreters. Cost: 1 read a thread state.
[[nodiscard]] Result<std::vector<ThreadState>> read_thread_states(const RemoteMemory& memory,
                                                                  const Layout& layout, RemoteAddr runtime);

// The thread state in which a stopped thread runs Python now. `thread_pointer` is its pthread_self() (on
// x86-64 glibc and musl its fs_base); `native_id`, if known, its id inside the target's pid namespace.
// Either match counts; of several (subinterpreters) the active one is taken.
// Errors: not_found (the thread runs no Python), and as above.
[[nodiscard]] Result<ThreadState> find_thread_state(const RemoteMemory& memory, const Layout& layout,
                                                    RemoteAddr runtime, std::uint64_t thread_pointer,
                                                    std::optional<std::uint64_t> native_id);

// find_thread_state() for one stop after another: what was found for a thread is examined first, so that a
// stop does not cost a read for each thread of the process.
class ThreadStateFinder {
public:
    // `layout` must outlive it.
    ThreadStateFinder(const Layout& layout, RemoteAddr runtime) : layout_(layout), runtime_(runtime) {}

    // Needs: the thread stopped inside of the interpreter, which it therefore holds the lock of.
    // Cost: 2 or 3 reads, for a thread that was not met before as find_thread_state(). Errors: as there.
    [[nodiscard]] Result<ThreadState> find(const RemoteMemory& memory, std::uint64_t thread_pointer);

private:
    [[nodiscard]] std::optional<ThreadState> look_again(const RemoteMemory& memory,
                                                        std::uint64_t thread_pointer) const;

    static constexpr std::size_t kMaxKnown = 4096;
    struct Known {
        RemoteAddr address;
        RemoteAddr link;
    };
    const Layout& layout_;
    RemoteAddr runtime_;
    std::unordered_map<std::uint64_t, Known> known_;  // by thread pointer
};

// Whether the cyclic collector of the thread's interpreter is at work. Cost: 1 read.
[[nodiscard]] Result<bool> read_gc_collecting(const RemoteMemory& memory, const Layout& layout,
                                              RemoteAddr runtime, const ThreadState& thread);

// Whether the runtime is shutting down (Py_FinalizeEx has got so far that no other thread runs). Cost: 1
// read.
[[nodiscard]] Result<bool> read_finalizing(const RemoteMemory& memory, const Layout& layout,
                                           RemoteAddr runtime);

// How many entries sys.modules of one interpreter has, whose type is not examined: a sign that it changed.
// Errors: unreadable. Cost: 2 reads.
[[nodiscard]] Result<std::uint64_t> count_modules(const RemoteMemory& memory, const Layout& layout,
                                                  RemoteAddr interpreter);

// The modules in sys.modules of one interpreter, each with its names as the key there. A module that stands
// there twice is told by its first key. Errors: unreadable, malformed. Cost: 5 reads a module.
struct NamedModule {
    std::string name;
    RemoteAddr dict;  // its namespace
};
[[nodiscard]] Result<std::vector<NamedModule>> read_modules(const RemoteMemory& memory, const Layout& layout,
                                                            RemoteAddr interpreter);

// sys.modules[module].__dict__[name] of one interpreter. Errors: not_found (no such module or name).
// Cost: about 1 read an entry up to the one that matches.
[[nodiscard]] Result<RemoteAddr> find_module_attribute(const RemoteMemory& memory, const Layout& layout,
                                                       RemoteAddr interpreter, std::string_view module,
                                                       std::string_view name);

}  // namespace corotrace
