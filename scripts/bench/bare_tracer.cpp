// SPDX-License-Identifier: MIT
// The least that a ptrace stop can cost: seizes one thread and lets it go on from every stop with nothing
// done but what a tracer has to do. Usage: bare_tracer TID; says "ready", ends when its standard input ends.
#include <elf.h>
#include <poll.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    const pid_t tid = std::atoi(argv[1]);
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_BLOCK, &children, nullptr);
    const int events = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
    if (ptrace(PTRACE_SEIZE, tid, nullptr, nullptr) != 0) return 1;
    std::puts("ready");
    std::fflush(stdout);
    pollfd wait_for[] = {{events, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    while (poll(wait_for, 2, -1) > 0 && wait_for[1].revents == 0) {
        signalfd_siginfo ignored;
        while (read(events, &ignored, sizeof(ignored)) > 0) {
        }
        int status = 0;
        while (waitpid(-1, &status, WNOHANG | __WALL) > 0) {
            if (!WIFSTOPPED(status)) return 0;
            user_regs_struct registers;
            iovec into{&registers, sizeof(registers)};
            ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &into);
            ptrace(PTRACE_CONT, tid, nullptr, nullptr);
        }
    }
    return 0;  // the end of a tracer lets go of what it traces
}
