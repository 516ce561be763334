// SPDX-License-Identifier: MIT
#include "tracer/process/freeze.hpp"

#include <string>
#include <thread>
#include <unordered_set>
#include <utility>

#include "tracer/process/event_pump.hpp"
#include "tracer/process/procfs.hpp"
#include "tracer/process/traced_threads.hpp"

namespace corotrace {

namespace {

constexpr std::chrono::microseconds kBetweenLooks{100};

// True: it stands. What stopped meanwhile for a signal of its own stands too, and the kernel keeps that
// signal for it, for the stop is not consumed.
bool stands(pid_t tid) {
    const auto stop = look_at_thread(tid);
    return stop && *stop;
}

Status wait_until_all_stand(TracedThreads& threads, std::chrono::steady_clock::time_point until) {
    std::unordered_set<pid_t> asked;
    std::unordered_set<pid_t> standing;
    for (;;) {
        const std::unordered_set<pid_t> all = threads.all();
        for (const pid_t tid : all) {
            if (standing.contains(tid)) continue;
            if (asked.insert(tid).second) (void)ptrace_interrupt(tid);
            if (stands(tid)) {
                standing.insert(tid);
            } else if (read_is_ending(threads.pid(), tid).value_or(true)) {
                threads.forget(tid);
            }
        }
        if (threads.size() == standing.size()) {
            // Threads that one of them started before it stood.
            CT_TRY(const std::size_t more, threads.seize_new());
            if (threads.size() == 0) return Error{Errc::gone, 0, "no thread is left"};
            if (more == 0) return {};
        }
        if (std::chrono::steady_clock::now() > until) {
            return Error{Errc::timeout, 0,
                         std::to_string(threads.size() - standing.size()) +
                             " of its threads could not be stopped, and all went on"};
        }
        std::this_thread::sleep_for(kBetweenLooks);
    }
}

}  // namespace

Result<std::unique_ptr<Freeze>> Freeze::make(pid_t pid, std::chrono::milliseconds limit) {
    std::unique_ptr<Freeze> freeze(new Freeze);
    freeze->began_ = std::chrono::steady_clock::now();
    if (auto started = freeze->thread_.start([&one = *freeze, pid, limit] { one.hold(pid, limit); });
        !started) {
        return started.error();
    }
    std::unique_lock lock(freeze->mutex_);
    // A thread that threw is done and has settled nothing.
    while (!freeze->settled_ && !freeze->thread_.wait_for(std::chrono::milliseconds(0))) {
        freeze->changed_.wait_for(lock, std::chrono::milliseconds(20));
    }
    if (!freeze->settled_) return Error{Errc::internal, 0, "the thread that stops it failed"};
    if (!freeze->failed_) return Error(freeze->failed_.error());
    lock.unlock();
    return freeze;
}

Freeze::~Freeze() {
    (void)release();
}

std::chrono::microseconds Freeze::release() {
    {
        const std::lock_guard lock(mutex_);
        let_go_ = true;
    }
    changed_.notify_all();
    (void)thread_.join();
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began_);
}

// On the tracer thread: with its end all go on.
void Freeze::hold(pid_t pid, std::chrono::milliseconds limit) {
    auto threads = TracedThreads::attach(pid, SeizeOption::kNone);
    Status done = threads ? wait_until_all_stand(*threads, std::chrono::steady_clock::now() + limit)
                          : Status(threads.error());
    std::unique_lock lock(mutex_);
    failed_ = std::move(done);
    settled_ = true;
    changed_.notify_all();
    if (failed_) changed_.wait(lock, [this] { return let_go_; });
}

}  // namespace corotrace
