// SPDX-License-Identifier: MIT
#include "symbols/process_memory.hpp"

#include <fcntl.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstdio>
#include <string>

#include "symbols/os_error.hpp"

namespace corotrace {

namespace {

// What is read by one call instead: as of here its second call, for the check, is worth it.
constexpr std::size_t kManyBytes = std::size_t{64} << 10U;

Error memory_error(const char* act, RemoteAddr address, std::size_t size, int error) {
    char hex[32];
    std::snprintf(hex, sizeof(hex), "0x%llx", static_cast<unsigned long long>(address.value));
    return {errc_of(error, Errc::unreadable), error,
            std::string(act) + " " + std::to_string(size) + " bytes at " + hex};
}

}  // namespace

Result<ProcessMemory> ProcessMemory::open(pid_t pid, bool writable) {
    const std::string path = "/proc/" + std::to_string(pid) + "/mem";
    UniqueFd fd(::open(path.c_str(), (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC));
    if (fd.is_open()) return ProcessMemory(pid, std::move(fd));
    const int error = errno;
    return Error{errc_of(error), error, "opening " + path};
}

// Whether all was read. process_vm_readv(2) goes by the number, which may have a new program by now, or be
// that of another process: what it gave counts only if the memory that was opened is still there after it.
bool ProcessMemory::read_at_once(RemoteAddr from, std::span<std::byte> into) const {
    iovec local{into.data(), into.size()};
    void* const start = reinterpret_cast<void*>(from.value);  // NOLINT(performance-no-int-to-ptr)
    iovec remote{start, into.size()};
    const ssize_t got = ::process_vm_readv(pid_, &local, 1, &remote, 1, 0);
    std::byte still{};
    return got == static_cast<ssize_t>(into.size()) &&
           ::pread(fd_.get(), &still, 1, static_cast<off_t>(from.value)) == 1;
}

Status ProcessMemory::read(RemoteAddr from, std::span<std::byte> into) const {
    if (into.size() >= kManyBytes && read_at_once(from, into)) return {};
    std::size_t done = 0;
    while (done < into.size()) {
        const ssize_t got =
            ::pread(fd_.get(), into.data() + done, into.size() - done, static_cast<off_t>(from.value + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return memory_error("reading", from, into.size(), errno);
        // The address space is gone (exit or exec): /proc/PID/mem then reads as empty.
        if (got == 0) return memory_error("reading", from, into.size(), ESRCH);
        done += static_cast<std::size_t>(got);
    }
    return {};
}

Status ProcessMemory::write(RemoteAddr to, std::span<const std::byte> bytes) const {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t put = ::pwrite(fd_.get(), bytes.data() + done, bytes.size() - done,
                                     static_cast<off_t>(to.value + done));
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) {
            const int error = errno;
            // A page that is there and may not be written: EIO too (Linux 6.12, proc_mem.force_override).
            const bool is_refused = error == EIO && read_as<std::byte>(to + done).ok();
            return memory_error("writing", to, bytes.size(), is_refused ? EPERM : error);
        }
        if (put == 0) return memory_error("writing", to, bytes.size(), ESRCH);
        done += static_cast<std::size_t>(put);
    }
    return {};
}

}  // namespace corotrace
