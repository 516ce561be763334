// SPDX-License-Identifier: MIT
// TaskLocks: for which of asyncio's locks and semaphores a task waits, and which tasks hold it. A lock does
// not know its holder; a task that is within `async with lock` has the lock's __aexit__ among its operands.
// Who called acquire() and release() by name is not found.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cpython_layouts/await_chain.hpp"
#include "cpython_layouts/code.hpp"
#include "cpython_layouts/layout.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

struct WantedLock {
    RemoteAddr address;
    std::string type;                 // "asyncio.locks.Lock"
    bool is_exclusive = false;        // one task has it, and not as many as a semaphore lets in
    std::vector<RemoteAddr> holders;  // tasks, kMostHolders at most; empty: not known
    std::uint64_t holder_count = 0;
};
// A semaphore may let in thousands, for which thousands wait.
inline constexpr std::size_t kMostHolders = 100;

// What a suspended task waits for. Null: for no lock of asyncio's. Cost: no read of most, some 10 of one that
// waits for a lock.
[[nodiscard]] std::optional<WantedLock> read_wanted_lock(const RemoteMemory& memory, const Layout& layout,
                                                         const AwaitChain& chain);

// The objects whose __aexit__ is going to be called by a suspended task: locks and what else is used with
// `async with`. Cost: 2 reads a frame, and some 5 an operand that may be one.
[[nodiscard]] std::vector<RemoteAddr> read_entered(const RemoteMemory& memory, const Layout& layout,
                                                   CodeCache& codes, const AwaitChain& chain);

}  // namespace corotrace
