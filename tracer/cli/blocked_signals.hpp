// SPDX-License-Identifier: MIT
// BlockedSignals: while it lives, the signals that a session waits for are blocked, in threads started
// meanwhile too; and those that somebody else of ours takes.
#pragma once

#include <signal.h>

#include <span>

namespace corotrace::cli {

class BlockedSignals {
public:
    explicit BlockedSignals(std::span<const int> others = {}) {
        ::sigemptyset(&set_);
        for (const int number : {SIGINT, SIGTERM, SIGCHLD}) ::sigaddset(&set_, number);
        // Started by nohup(1) it is to outlive its terminal, and what is blocked is not ignored.
        struct sigaction hang_up {};
        if (::sigaction(SIGHUP, nullptr, &hang_up) == 0 && hang_up.sa_handler != SIG_IGN)
            ::sigaddset(&set_, SIGHUP);
        for (const int number : others) ::sigaddset(&set_, number);
        ::sigprocmask(SIG_BLOCK, &set_, &before_);
        ::signal(SIGPIPE, SIG_IGN);  // a reader that left is an error of write(2), not the end
    }
    BlockedSignals(const BlockedSignals&) = delete;
    BlockedSignals& operator=(const BlockedSignals&) = delete;
    // Ctrl-C pressed twice asked for the end twice: what is pending is dropped, and the report completed.
    ~BlockedSignals() {
        const timespec at_once{};
        while (::sigtimedwait(&set_, nullptr, &at_once) > 0) {
        }
        ::sigprocmask(SIG_SETMASK, &before_, nullptr);
    }

private:
    sigset_t set_{};
    sigset_t before_{};
};

}  // namespace corotrace::cli
