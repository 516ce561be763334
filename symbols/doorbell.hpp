// SPDX-License-Identifier: MIT
// Doorbell: lets one thread wake another that waits in poll(2), eventfd(2) behind it. Any number of rings
// before it is quieted are one.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "symbols/unique_fd.hpp"

namespace corotrace {

class Doorbell {
public:
    // Where the system gives none, fd() is -1, which poll(2) passes over: who waits wakes by the clock.
    Doorbell() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

    void ring() {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t written = ::write(event_.get(), &one, sizeof one);
    }
    void quiet() {
        std::uint64_t rings = 0;
        [[maybe_unused]] const ssize_t taken = ::read(event_.get(), &rings, sizeof rings);
    }
    // Readable from a ring on until it is quieted.
    [[nodiscard]] int fd() const { return event_.get(); }

private:
    UniqueFd event_;
};

}  // namespace corotrace
