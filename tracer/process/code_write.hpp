// SPDX-License-Identifier: MIT
// Writes into code, which the target itself may not write. As a rule the kernel lets /proc/PID/mem do so
// while the target runs. Where it was told not to (proc_mem.force_override, Linux 6.12), only ptrace(2) can,
// and for that one thread has to stand still meanwhile.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "symbols/process_memory.hpp"

namespace corotrace {

// How the bytes got there.
enum class CodeWrite : std::uint8_t { kAtOnce, kThreadStopped };

// Needs: the threads of `pid` seized by the calling thread. With a thread stopped the bytes arrive word by
// word, the first one first. Cost: one call; else the stop of a thread, preferably one that runs, for 1 us a
// word: where it sleeps, some system calls fail with EINTR (signal(7)). Errors: unreadable, gone, denied (the
// kernel refuses both, or no thread could be stopped).
[[nodiscard]] Result<CodeWrite> write_code(pid_t pid, const ProcessMemory& memory, RemoteAddr to,
                                           std::span<const std::byte> bytes);

// Writes zeros, the last word first: what leads to the rest goes last.
[[nodiscard]] Result<CodeWrite> clear_code(pid_t pid, const ProcessMemory& memory, RemoteAddr start,
                                           std::size_t bytes);

}  // namespace corotrace
