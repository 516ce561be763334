// SPDX-License-Identifier: MIT
// TimedMemory: another memory, for as long as a reader may take. A thread of the target stands still while it
// is read, and what a program made of its objects decides how much there is to read; so every reader asks
// here, and once its time is over gets Errc::timeout.
//
// The time is as a rule the reader's own (CLOCK_THREAD_CPUTIME_ID): a tracer that waits for a processor reads
// no less than one that has it. That wait is not bounded here. What a host takes from a virtual machine
// counts as own time nevertheless, at the first read as at the last, hence kReadsAtLeast.
#pragma once

#include <atomic>
#include <chrono>

#include "symbols/remote_memory.hpp"

namespace corotrace {

class TimedMemory final : public RemoteMemory {
public:
    using Clock = std::chrono::nanoseconds (*)();
    [[nodiscard]] static std::chrono::nanoseconds read_own_time();
    // That of the clock on the wall, for a search that somebody waits for.
    [[nodiscard]] static std::chrono::nanoseconds read_steady_time();

    // `under` must outlive it. No limit at first.
    explicit TimedMemory(const RemoteMemory& under, Clock clock = read_own_time)
        : under_(under), clock_(clock) {}

    // Reads that allow() allows whatever time they take: what tells a drop's place, and 1 ms of a page each.
    static constexpr unsigned kReadsAtLeast = 512;

    // From now on, of this thread; in place of the limit before. A build with a sanitizer, or without
    // optimization, has more time.
    void allow(std::chrono::nanoseconds time);
    // The same; no build has more, and no read is allowed when it is over.
    void allow_exactly(std::chrono::nanoseconds time);
    // Whether a read was refused since then.
    [[nodiscard]] bool ran_out() const { return over_; }
    // The clock is asked at each 16th read, which costs a cached one some 10 ns. May be called from two
    // threads at once, if that is so of the memory under it and the clock is that on the wall.
    [[nodiscard]] Status read(RemoteAddr from, std::span<std::byte> into) const override;

private:
    const RemoteMemory& under_;
    Clock clock_;
    std::chrono::nanoseconds end_ = std::chrono::nanoseconds::max();
    unsigned at_least_ = 0;
    mutable std::atomic<unsigned> reads_ = 0;  // of two threads, one may be lost
    mutable std::atomic<bool> over_ = false;
};

}  // namespace corotrace
