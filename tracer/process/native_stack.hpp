// SPDX-License-Identifier: MIT
// NativeUnwinder: the C stack of a stopped thread, by libunwind over the unwind tables that are loaded in the
// target: no file is opened, so it works for deleted libraries and in other mount namespaces, and what was
// learnt about a piece of code serves at the next stop. Addresses only; names are found after the resume.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "symbols/address.hpp"
#include "symbols/remote_memory.hpp"
#include "symbols/result.hpp"
#include "symbols/symbol_index.hpp"

namespace corotrace {

// Why a native stack has no more frames.
enum class StackEnd : std::uint8_t {
    kOutermost,    // complete
    kUnknownCode,  // code of no module or without unwind information (a JIT, hand-written assembly)
    kDepth,
    kTime,
};

struct NativeStack {
    std::vector<RemoteAddr> pcs;  // innermost first; return addresses
    StackEnd end = StackEnd::kUnknownCode;
};

struct UnwindLimits {
    std::size_t max_frames = 256;
    // The thread is stopped meanwhile. A stack of code that was never met may need more: the next stop then
    // gets further, because what was found out is kept.
    std::chrono::microseconds max_time{2000};
};

class NativeUnwinder {
public:
    // `symbols` must outlive it. Make a new one for a new index: what it keeps belongs to that map.
    // Errors: internal (no memory).
    [[nodiscard]] static Result<NativeUnwinder> make(SymbolIndex& symbols);

    NativeUnwinder(NativeUnwinder&& other) noexcept;
    NativeUnwinder& operator=(NativeUnwinder&& other) noexcept;
    ~NativeUnwinder();

    // The stack from the frame with return address `pc` and stack pointer `sp` (as it is after that return)
    // outwards. Needs: `tid` in a ptrace-stop of the calling thread, its callee-saved registers those of that
    // frame. `memory` may be a cache for this stop. Never fails: what cannot be unwound ends the stack.
    [[nodiscard]] NativeStack unwind(pid_t tid, const RemoteMemory& memory, RemoteAddr pc, RemoteAddr sp,
                                     const UnwindLimits& limits = {});

private:
    struct State;
    explicit NativeUnwinder(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// What is known of a return address. Needs nothing stopped. Cost when new: reads whole symbol tables.
struct NativePlace {
    std::optional<std::string> function;  // demangled
    std::optional<std::uint64_t> offset;  // of the address, from the start of `function`
    std::optional<std::string> module;    // path as the target sees it
    std::optional<SourcePlace> source;    // of the call, where there is debug information
};
[[nodiscard]] NativePlace find_native_place(SymbolIndex& symbols, RemoteAddr pc);

}  // namespace corotrace
