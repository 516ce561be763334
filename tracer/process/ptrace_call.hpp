// SPDX-License-Identifier: MIT
// The ptrace(2) calls that corotrace makes, each as a function with a Result. The only caller of ptrace(2).
// All must be made by the thread that seized the target's thread; ESRCH becomes `gone`.
#pragma once

#include <csignal>
#include <cstdint>

#include <sys/types.h>

#include "symbols/result.hpp"
#include "tracer/process/arch/arch.hpp"

namespace corotrace {

enum class SeizeOption : std::uint32_t {
    kNone = 0,
    kFollowThreads = 1,  // stop at thread creation, seize the new thread (PTRACE_O_TRACECLONE)
    kReportExit = 2,     // stop while the memory of an exiting thread is still there (PTRACE_O_TRACEEXIT)
    kFollowTree = 4,     // both of these, and the same for each process that is forked
};
[[nodiscard]] constexpr SeizeOption operator|(SeizeOption a, SeizeOption b) {
    return static_cast<SeizeOption>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}

// Becomes the thread's tracer without stopping it. exec is always reported. Errors: gone, denied.
[[nodiscard]] Status ptrace_seize(pid_t tid, SeizeOption options);
// The errno of a call about no process: ESRCH where the kernel looked for one, else that of who refuses
// ptrace(2) altogether, such as a seccomp(2) filter. A filter may also end the caller.
[[nodiscard]] int find_ptrace_refusal();
// Needs: stopped. Goes on, delivering `signal` if it is not 0.
[[nodiscard]] Status ptrace_resume(pid_t tid, int signal);
// The same, but with a stop (StopKind::kCall) where it enters or leaves its next system call.
[[nodiscard]] Status ptrace_resume_to_call(pid_t tid, int signal);
// Needs: in a group stop. Leaves the thread stopped, as its user wants, but listens for its end.
[[nodiscard]] Status ptrace_listen(pid_t tid);
// Needs: stopped. Lets the thread go for good, delivering nothing.
[[nodiscard]] Status ptrace_let_go(pid_t tid);
// Needs: in a signal delivery stop. Blocks `signal` for the thread: resumed with it, the kernel then puts it
// back among the pending ones instead of delivering it (kernel/signal.c ptrace_signal).
[[nodiscard]] Status ptrace_block_signal(pid_t tid, int signal);
// Asks for a stop (a StopKind::kTrap event). Interrupts some system calls of the thread (signal(7)).
[[nodiscard]] Status ptrace_interrupt(pid_t tid);
// Needs: stopped. Writes one word, whatever the page's protection. Errors: gone, io.
[[nodiscard]] Status ptrace_poke(pid_t tid, RemoteAddr to, std::uint64_t word);
// Needs: stopped. Cost: one call, about 1.2 us.
[[nodiscard]] Result<arch::Registers> ptrace_read_registers(pid_t tid);
// Needs: in a signal delivery stop.
[[nodiscard]] Result<siginfo_t> ptrace_read_siginfo(pid_t tid);

}  // namespace corotrace
