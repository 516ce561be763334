// SPDX-License-Identifier: MIT
// LookProgress: a line on a terminal that says how much was read, once a look takes longer than a second; it
// is wiped at the end. Nothing where standard error is no terminal.
#pragma once

#include <chrono>
#include <cstdint>

namespace corotrace::cli {

class LookProgress {
public:
    LookProgress();
    LookProgress(const LookProgress&) = delete;
    LookProgress& operator=(const LookProgress&) = delete;
    ~LookProgress() { wipe(); }

    // Cost: asks the clock; draws five times a second at most.
    void note(std::uint64_t bytes_read);
    // Before something else is written, and for a new look.
    void wipe();

private:
    bool draws_;
    bool is_drawn_ = false;
    std::chrono::steady_clock::time_point began_;
    std::chrono::steady_clock::time_point next_;
};

}  // namespace corotrace::cli
