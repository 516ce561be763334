// SPDX-License-Identifier: MIT
#include "tracer/report/output_thread.hpp"

#include <poll.h>
#include <unistd.h>

#include <exception>
#include <limits>
#include <utility>

namespace corotrace {

OutputThread::OutputThread(OutputFile file, int status_fd, StopRequest& stop)
    : file_(std::move(file)), status_fd_(status_fd), stop_(stop), thread_([this] { run_guarded(); }) {}

OutputThread::~OutputThread() {
    if (thread_.joinable()) (void)finish();
}

void OutputThread::write(std::string text) {
    put(std::move(text), kMaxQueuedBytes);
}

void OutputThread::write_end(std::string text) {
    put(std::move(text), std::numeric_limits<std::size_t>::max());
}

void OutputThread::put(std::string text, std::size_t room) {
    {
        const std::lock_guard lock(mutex_);
        if (!outcome_.written) return;
        if (queued_bytes_ > room || text.size() > room - queued_bytes_) {
            ++outcome_.dropped;
            return;
        }
        queued_bytes_ += text.size();
        queue_.push_back(std::move(text));
    }
    changed_.notify_all();
}

void OutputThread::set_status(std::string line) {
    if (status_fd_ < 0) return;
    {
        const std::lock_guard lock(mutex_);
        status_ = std::move(line);
        status_changed_ = true;
    }
    changed_.notify_all();
}

std::uint64_t OutputThread::dropped() {
    const std::lock_guard lock(mutex_);
    return outcome_.dropped;
}

OutputThread::Outcome OutputThread::finish() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        status_.clear();
        status_changed_ = status_fd_ >= 0;
    }
    changed_.notify_all();
    thread_.join();
    auto closed = file_.close();
    if (outcome_.written) outcome_.written = std::move(closed);
    return outcome_;
}

// Uncaught, what it throws would end the process, with everything planted in a target.
void OutputThread::run_guarded() {
    try {
        run();
    } catch (const std::exception&) {
        const std::lock_guard lock(mutex_);
        outcome_.written = Error{Errc::internal, 0, "out of memory"};  // short: needs none
        queue_.clear();
        queued_bytes_ = 0;
        stop_.ask();
    }
}

void OutputThread::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return ending_ || status_changed_ || !queue_.empty(); });
        if (!queue_.empty()) {
            const std::string text = std::move(queue_.front());
            queue_.pop_front();
            const std::string status = status_;
            lock.unlock();
            draw_status("");
            Status written = file_.write(text);
            draw_status(status);
            lock.lock();
            queued_bytes_ -= text.size();
            if (!written) {
                outcome_.written = std::move(written);
                queue_.clear();
                queued_bytes_ = 0;
                stop_.ask();
            }
        } else if (status_changed_) {
            status_changed_ = false;
            const std::string status = status_;
            lock.unlock();
            draw_status(status);
            lock.lock();
        } else {
            return;
        }
    }
}

// A status line is drawn only if the terminal takes it at once: one that was stopped by Ctrl-S does not.
void OutputThread::draw_status(const std::string& line) {
    if (status_fd_ < 0 || (line.empty() && !status_drawn_)) return;
    pollfd ready{status_fd_, POLLOUT, 0};
    if (::poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0) return;
    const std::string text = "\r\x1b[K" + line;  // to the first column, erase to the end of the line
    if (::write(status_fd_, text.data(), text.size()) < 0) return;
    status_drawn_ = !line.empty();
}

}  // namespace corotrace
