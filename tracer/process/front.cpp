// SPDX-License-Identifier: MIT
#include "tracer/process/front.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <new>

#include "tracer/process/procfs.hpp"

namespace corotrace {

namespace {

// All but those that a fault of our own sends, and those that nobody can block.
sigset_t held_signals() {
    sigset_t set;
    sigfillset(&set);
    for (const int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS}) {
        sigdelset(&set, number);
    }
    return set;
}

// As the default action of a signal is.
void suffer(int signal) {
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, signal);
    ::signal(signal, SIG_DFL);
    ::kill(::getpid(), signal);
    sigset_t before;
    ::sigprocmask(SIG_UNBLOCK, &one, &before);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
}

bool is_stopped(pid_t pid) {
    const auto stat = read_process_stat(pid);
    return stat && (stat->state == 'T' || stat->state == 't');
}

class Front {
public:
    Front(pid_t command, pid_t tracer, const FrontFlag& flag)
        : command_(command), tracer_(tracer), flag_(flag) {}

    FrontEnd stand() {
        const sigset_t set = held_signals();
        for (;;) {
            take_changes();
            if (command_ == 0 && tracer_ == 0) return end_;
            siginfo_t info{};
            const int signal = ::sigwaitinfo(&set, &info);
            if (signal > 0 && signal != SIGCHLD) pass_on(signal, info);
        }
    }

private:
    void take_changes() {
        for (;;) {
            int status = 0;
            const pid_t pid = ::waitpid(-1, &status, WNOHANG | WUNTRACED);
            if (pid == 0 || (pid < 0 && errno != EINTR)) return;
            if (pid == tracer_ && !WIFSTOPPED(status)) {
                end_.tracer = status;
                tracer_ = 0;
            } else if (pid == command_ && WIFSTOPPED(status)) {
                stop(WSTOPSIG(status));
            } else if (pid == command_) {
                end_.command = status;
                command_ = 0;
            }
        }
    }

    // Until somebody continues it, or the tracer sees the command go on.
    void stop(int signal) {
        flag_.is_stopped() = 1;
        suffer(signal);
        flag_.is_stopped() = 0;
    }

    void pass_on(int signal, const siginfo_t& info) const {
        const bool is_of_terminal = info.si_code == SI_KERNEL;
        if (command_ == 0 || is_of_terminal) return;
        // Most likely the whole group was continued, and the command with it.
        if (signal == SIGCONT && !corotrace::is_stopped(command_)) return;
        ::kill(command_, signal);
    }

    pid_t command_;  // 0: ended, as the next
    pid_t tracer_;
    const FrontFlag& flag_;
    FrontEnd end_;
};

}  // namespace

Result<FrontFlag> FrontFlag::make() {
    void* const shared =
        ::mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) return Error{Errc::internal, errno, "no memory can be shared"};
    return FrontFlag(new (shared) std::atomic<int>(0));
}

SignalState hold_signals() {
    SignalState before;
    const sigset_t set = held_signals();
    ::sigprocmask(SIG_BLOCK, &set, &before.mask);
    // Ignored, children would leave no status.
    struct sigaction plain {};
    plain.sa_handler = SIG_DFL;
    ::sigaction(SIGCHLD, &plain, &before.child);
    return before;
}

FrontEnd stand_in_front(pid_t command, pid_t tracer, const FrontFlag& flag) {
    return Front(command, tracer, flag).stand();
}

void keep_front_in_step(pid_t front, pid_t command, const FrontFlag& flag) {
    if (flag.is_stopped() == 0 || is_stopped(command)) return;
    const auto stat = read_process_stat(front);
    if (stat && stat->state == 'T') ::kill(front, SIGCONT);
}

void leave_front(pid_t front) {
    ::setpgid(0, 0);
    ::signal(SIGTTOU, SIG_IGN);  // a note to the terminal is no reason to stop
    ::prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
    if (::getppid() != front) ::kill(::getpid(), SIGTERM);
}

std::optional<int> exit_code_of(int wait_status) {
    return WIFEXITED(wait_status) ? std::optional(WEXITSTATUS(wait_status)) : std::nullopt;
}

int end_as(int wait_status) {
    if (const auto code = exit_code_of(wait_status)) return *code;
    const int signal = WTERMSIG(wait_status);
    // The command's core is the one that is wanted.
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    ::setrlimit(RLIMIT_CORE, &none);
    suffer(signal);
    return 128 + signal;
}

}  // namespace corotrace
