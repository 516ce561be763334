// SPDX-License-Identifier: MIT
#include "tracer/process/code_write.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tracer/process/event_pump.hpp"
#include "tracer/process/procfs.hpp"
#include "tracer/process/ptrace_call.hpp"

namespace corotrace {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kStopWithin{200};
constexpr std::chrono::microseconds kLookEvery{20};

enum class Order : std::uint8_t { kFirstFirst, kLastFirst };

// Running threads first: what they do is not interrupted.
std::vector<pid_t> threads_to_stop(pid_t pid) {
    auto threads = list_threads(pid).value_or({});
    std::stable_partition(threads.begin(), threads.end(), [&](pid_t tid) {
        const auto stat = read_thread_stat(pid, tid);
        return stat && stat->state == 'R';
    });
    return threads;
}

// Null: it does not stop, or has ended.
std::optional<StopEvent> stop_thread(pid_t tid) {
    if (!ptrace_interrupt(tid)) return std::nullopt;
    const auto enough = Clock::now() + kStopWithin;
    while (Clock::now() < enough) {
        const auto stopped = look_at_thread(tid);
        if (!stopped) return std::nullopt;
        if (*stopped) return **stopped;
        std::this_thread::sleep_for(kLookEvery);
    }
    return std::nullopt;
}

// Through a thread that is stopped.
Status poke(pid_t tid, const ProcessMemory& memory, RemoteAddr to, std::span<const std::byte> bytes,
            Order order) {
    const std::size_t words = (bytes.size() + kWord - 1) / kWord;
    for (std::size_t i = 0; i < words; ++i) {
        const std::size_t at = (order == Order::kFirstFirst ? i : words - 1 - i) * kWord;
        const auto part = bytes.subspan(at, std::min(kWord, bytes.size() - at));
        std::uint64_t word = 0;
        if (part.size() < kWord) {
            CT_TRY(word, memory.read_as<std::uint64_t>(to + at));
        }
        std::memcpy(&word, part.data(), part.size());
        if (auto done = ptrace_poke(tid, to + at, word); !done) return done;
    }
    return {};
}

Result<CodeWrite> write(pid_t pid, const ProcessMemory& memory, RemoteAddr to,
                        std::span<const std::byte> bytes, Order order) {
    auto done = memory.write(to, bytes);
    if (done) return CodeWrite::kAtOnce;
    if (done.error().code != Errc::denied) return std::move(done).error();
    for (const pid_t tid : threads_to_stop(pid)) {
        const auto stopped = stop_thread(tid);
        if (!stopped) continue;
        auto poked = poke(tid, memory, to, bytes, order);
        pass_on(*stopped);
        if (poked) return CodeWrite::kThreadStopped;
        if (poked.error().code != Errc::gone) return std::move(poked).error();
    }
    return std::move(done).error().in("no thread could be stopped to write by ptrace");
}

}  // namespace

Result<CodeWrite> write_code(pid_t pid, const ProcessMemory& memory, RemoteAddr to,
                             std::span<const std::byte> bytes) {
    return write(pid, memory, to, bytes, Order::kFirstFirst);
}

Result<CodeWrite> clear_code(pid_t pid, const ProcessMemory& memory, RemoteAddr start, std::size_t bytes) {
    return write(pid, memory, start, std::vector<std::byte>(bytes), Order::kLastFirst);
}

}  // namespace corotrace
