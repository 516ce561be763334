// SPDX-License-Identifier: MIT
// ProcessMemory: the memory of a live process through /proc/PID/mem. Reads need no stop; writes are for
// the probes only, who own what they change. Holding it keeps the address space's identity: after an exec
// reads fail with `gone` instead of showing the new program.
#pragma once

#include <sys/types.h>

#include "symbols/remote_memory.hpp"
#include "symbols/unique_fd.hpp"

namespace corotrace {

class ProcessMemory final : public RemoteMemory {
public:
    // Opens /proc/PID/mem for reading and, if `writable`, writing.
    // Errors: gone (no such process), denied (ptrace access check failed).
    [[nodiscard]] static Result<ProcessMemory> open(pid_t pid, bool writable);

    ProcessMemory(ProcessMemory&& other) noexcept : pid_(other.pid_), fd_(std::move(other.fd_)) {}
    ProcessMemory& operator=(ProcessMemory&& other) noexcept {
        pid_ = other.pid_;
        fd_ = std::move(other.fd_);
        return *this;
    }

    // Cost: one pread, about 1.5 us up to a page. EIO is unreadable, 0 bytes is gone. Many pages at once are
    // read by process_vm_readv(2) where that is permitted, which does not copy each of them twice.
    [[nodiscard]] Status read(RemoteAddr from, std::span<std::byte> into) const override;

    // Writes all of `bytes` or fails, then perhaps with whole pages written before the one that failed.
    // Ignores page protection (FOLL_FORCE) where the kernel allows it; an aligned 8-byte write inside one
    // page is seen whole by the target (one 8-byte copy in the kernel). Errors: unreadable, gone, denied (it
    // can be read, but the kernel forbids: proc_mem.force_override).
    [[nodiscard]] Status write(RemoteAddr to, std::span<const std::byte> bytes) const;

private:
    ProcessMemory(pid_t pid, UniqueFd fd) : pid_(pid), fd_(std::move(fd)) {}
    [[nodiscard]] bool read_at_once(RemoteAddr from, std::span<std::byte> into) const;

    pid_t pid_;
    UniqueFd fd_;
};

}  // namespace corotrace
