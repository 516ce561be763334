// SPDX-License-Identifier: MIT
// PacedMemory: another memory, read no faster than is allowed, and told of how much was read. What is read of
// a running process takes bandwidth of the machine, and locks of that process for a moment.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>

#include "symbols/remote_memory.hpp"

namespace corotrace {

struct Pace {
    std::uint64_t bytes_per_second = 0;  // 0: no limit
    // Asked after each read, with the bytes that were read so far. False: every later read is refused
    // (Errc::timeout).
    std::function<bool(std::uint64_t)> goes_on{};
    // Null: those of the system.
    std::function<std::chrono::nanoseconds()> clock{};
    std::function<void(std::chrono::nanoseconds)> sleep{};
};

class PacedMemory final : public RemoteMemory {
public:
    // What a pause leaves unused is made up for so long at most.
    static constexpr std::chrono::milliseconds kBurst{50};
    // Shorter sleeps are put together.
    static constexpr std::chrono::milliseconds kShortest{1};

    // `under` must outlive it.
    PacedMemory(const RemoteMemory& under, Pace pace);

    // Sleeps after the read as long as it takes to keep the pace. A read that fails counts too. Of several
    // threads, one at a time asks and sleeps. Errors: those of `under`, and timeout.
    [[nodiscard]] Status read(RemoteAddr from, std::span<std::byte> into) const override;

private:
    void keep_pace(std::uint64_t bytes) const;

    const RemoteMemory& under_;
    Pace pace_;
    mutable std::mutex mutex_;  // of what is below
    mutable std::uint64_t bytes_ = 0;
    mutable bool ended_ = false;
    mutable std::chrono::nanoseconds due_{};  // when what was read so far may have been read
};

}  // namespace corotrace
