// SPDX-License-Identifier: MIT
#include "tracer/process/tracer_thread.hpp"

#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace corotrace {

namespace {

// Keeps the calling thread on the core where it is, and those that it starts from now on. Returns where it
// was allowed to be.
std::optional<cpu_set_t> stay_here() {
    cpu_set_t allowed;
    const int core = ::sched_getcpu();
    if (core < 0 || ::sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return std::nullopt;
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(static_cast<std::size_t>(core), &here);
    if (::sched_setaffinity(0, sizeof(here), &here) != 0) return std::nullopt;
    return allowed;
}

void go_where_allowed(const std::optional<cpu_set_t>& allowed) {
    if (allowed) ::sched_setaffinity(0, sizeof(*allowed), &*allowed);
}

// What a thread threw, as an error.
Status describe(const std::exception_ptr& thrown) {
    if (!thrown) return {};
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& exception) {
        return Error{Errc::internal, 0, std::string("the tracer thread failed: ") + exception.what()};
    } catch (...) {
        return Error{Errc::internal, 0, "the tracer thread failed"};
    }
}

}  // namespace

Status TracerThread::start(std::function<void()> work) {
    // Start the tracer on our own core, which is free in a moment: the scheduler would pick an idle one,
    // possibly the target's.
    const auto allowed = stay_here();
    Status started;
    try {
        thread_ = std::thread([this, work = std::move(work), allowed] {
            go_where_allowed(allowed);
            ::prctl(PR_SET_TIMERSLACK, 1UL);  // it waits for microseconds
            {
                const std::lock_guard lock(mutex_);
                tid_ = static_cast<pid_t>(::syscall(SYS_gettid));
            }
            std::exception_ptr thrown;
            // Uncaught it would end the process, with all that is planted.
            try {
                work();
            } catch (...) {
                thrown = std::current_exception();
            }
            const std::lock_guard lock(mutex_);
            thrown_ = thrown;
            done_ = true;
            is_done_.ring();
        });
    } catch (const std::exception& exception) {
        started = Error{Errc::internal, 0, std::string("no thread can be started: ") + exception.what()};
    }
    go_where_allowed(allowed);
    return started;
}

TracerThread::~TracerThread() {
    if (thread_.joinable()) thread_.join();
}

bool TracerThread::wait_for(std::chrono::milliseconds time, std::array<int, 2> news) {
    std::array<pollfd, 3> fds{{{is_done_.fd(), POLLIN, 0}, {news[0], POLLIN, 0}, {news[1], POLLIN, 0}}};
    ::poll(fds.data(), fds.size(), static_cast<int>(time.count()));
    const std::lock_guard lock(mutex_);
    return done_;
}

void TracerThread::wake() {
    const std::lock_guard lock(mutex_);
    if (tid_ != 0 && !done_) ::syscall(SYS_tgkill, ::getpid(), tid_, SIGCHLD);
}

Status TracerThread::join() {
    if (!thread_.joinable()) return {};
    thread_.join();
    // join() returns when the thread's stack is free, before the kernel has let its tracees go; only then
    // does its directory go.
    const std::string path = "/proc/self/task/" + std::to_string(tid_);
    while (::access(path.c_str(), F_OK) == 0) std::this_thread::sleep_for(std::chrono::microseconds(50));
    return describe(thrown_);
}

Status run_on_tracer_thread(const std::function<void()>& work) {
    TracerThread thread;
    if (auto started = thread.start(work); !started) return started;
    return thread.join();
}

}  // namespace corotrace
