// SPDX-License-Identifier: MIT
#include "tracer/process/ptrace_call.hpp"

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <string>

namespace corotrace {

namespace {

Status call(const char* act, enum __ptrace_request request, pid_t tid, void* address, void* data) {
    if (ptrace(request, tid, address, data) != -1) return {};
    const int error = errno;
    const Errc code = error == ESRCH ? Errc::gone : error == EPERM ? Errc::denied : Errc::io;
    return Error{code, error, std::string(act) + " thread " + std::to_string(tid)};
}

// ptrace(2) takes its numbers as pointers.
template <typename Number>
void* as_pointer(Number number) {
    return reinterpret_cast<void*>(static_cast<std::uintptr_t>(number));  // NOLINT(performance-no-int-to-ptr)
}

bool has(SeizeOption options, SeizeOption one) {
    return (static_cast<std::uint32_t>(options) & static_cast<std::uint32_t>(one)) != 0;
}

}  // namespace

Status ptrace_seize(pid_t tid, SeizeOption options) {
    std::uintptr_t flags = PTRACE_O_TRACEEXEC;
    if (has(options, SeizeOption::kFollowThreads)) flags |= PTRACE_O_TRACECLONE;
    if (has(options, SeizeOption::kReportExit)) flags |= PTRACE_O_TRACEEXIT;
    if (has(options, SeizeOption::kFollowTree)) {
        flags |= PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXIT |
                 PTRACE_O_TRACESYSGOOD;
    }
    return call("seizing", PTRACE_SEIZE, tid, nullptr, as_pointer(flags));
}

int find_ptrace_refusal() {
    return ptrace(PTRACE_SEIZE, 0, nullptr, nullptr) == -1 ? errno : ESRCH;
}

Status ptrace_resume(pid_t tid, int signal) {
    return call("resuming", PTRACE_CONT, tid, nullptr, as_pointer(signal));
}

Status ptrace_resume_to_call(pid_t tid, int signal) {
    return call("resuming", PTRACE_SYSCALL, tid, nullptr, as_pointer(signal));
}

Status ptrace_listen(pid_t tid) {
    return call("listening to", PTRACE_LISTEN, tid, nullptr, nullptr);
}

Status ptrace_let_go(pid_t tid) {
    return call("letting go", PTRACE_DETACH, tid, nullptr, nullptr);
}

Status ptrace_block_signal(pid_t tid, int signal) {
    std::uint64_t mask = 0;
    // A size in place of an address, see ptrace(2).
    auto* const size = reinterpret_cast<void*>(sizeof(mask));  // NOLINT(performance-no-int-to-ptr)
    auto done = call("reading the signal mask of", PTRACE_GETSIGMASK, tid, size, &mask);
    if (!done) return done;
    mask |= std::uint64_t{1} << (signal - 1);
    return call("setting the signal mask of", PTRACE_SETSIGMASK, tid, size, &mask);
}

Status ptrace_interrupt(pid_t tid) {
    return call("interrupting", PTRACE_INTERRUPT, tid, nullptr, nullptr);
}

Status ptrace_poke(pid_t tid, RemoteAddr to, std::uint64_t word) {
    return call("writing by way of", PTRACE_POKEDATA, tid, as_pointer(to.value), as_pointer(word));
}

Result<arch::Registers> ptrace_read_registers(pid_t tid) {
    std::array<std::byte, 1024> bytes;
    iovec vector{bytes.data(), bytes.size()};
    auto done = call("reading registers of", PTRACE_GETREGSET, tid, as_pointer(NT_PRSTATUS), &vector);
    if (!done) return done.error();
    return arch::parse_registers(ByteView(bytes).first(vector.iov_len));
}

Result<siginfo_t> ptrace_read_siginfo(pid_t tid) {
    siginfo_t info;
    if (auto done = call("reading the signal of", PTRACE_GETSIGINFO, tid, nullptr, &info); !done) {
        return done.error();
    }
    return info;
}

}  // namespace corotrace
