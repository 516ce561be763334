// SPDX-License-Identifier: MIT
#include "tracer/process/traced_threads.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tracer/process/procfs.hpp"

namespace corotrace {

namespace {

// The kernel answers EPERM also when a thread is already a zombie, as a main thread that ended before the
// others stays.
bool has_ended(pid_t pid, pid_t tid) {
    const auto stat = read_thread_stat(pid, tid);
    if (!stat) return stat.error().code == Errc::gone;
    return stat->state == 'Z' || stat->state == 'X';
}

// A thread that the kernel seized for us at its creation, before we heard of it.
bool is_ours(pid_t tid) {
    const auto status = read_process_status(tid);
    return status && status->tracer == static_cast<pid_t>(::syscall(SYS_gettid));
}

}  // namespace

Result<TracedThreads> TracedThreads::attach(pid_t pid, SeizeOption options) {
    TracedThreads threads(pid, options);
    CT_TRY(const auto seized, threads.seize_new());
    if (seized == 0) return Error{Errc::gone, 0, "no thread left in process " + std::to_string(pid)};
    return threads;
}

bool TracedThreads::is_of_target(pid_t tid) const {
    return threads_.contains(tid) || read_thread_stat(pid_, tid).ok();
}

Result<std::size_t> TracedThreads::seize_new() {
    std::size_t total = 0;
    for (;;) {
        CT_TRY(const auto listed, list_threads(pid_));
        std::size_t seized = 0;
        for (const pid_t tid : listed) {
            if (threads_.contains(tid)) continue;
            // The end of the process is seen on its first thread; the others would only be slowed down.
            const auto options = tid == pid_ ? options_ | SeizeOption::kReportExit : options_;
            auto done = ptrace_seize(tid, options);
            if (!done && has_ended(pid_, tid)) continue;
            if (!done && !is_ours(tid)) return done.error();
            threads_.insert(tid);
            ++seized;
        }
        total += seized;
        if (seized == 0) return total;
    }
}

}  // namespace corotrace
