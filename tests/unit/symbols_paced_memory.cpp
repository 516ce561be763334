// SPDX-License-Identifier: MIT
// A pace that is kept: by the bytes that are read and the sleeps that are asked for, on a clock of our own.
#include "symbols/paced_memory.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/fake_memory.hpp"

namespace corotrace::symbols_paced_memory_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr RemoteAddr kStart{0x1000};
constexpr std::size_t kMebibyte = std::size_t{1} << 20U;

// Time goes on by sleeping, and by what a read takes.
struct Paced {
    explicit Paced(std::uint64_t bytes_per_second)
        : under(kStart, std::vector<std::byte>(kMebibyte)),
          memory(under, {.bytes_per_second = bytes_per_second,
                         .goes_on = [this](std::uint64_t bytes) { return bytes < most; },
                         .clock = [this] { return now; },
                         .sleep =
                             [this](nanoseconds time) {
                                 ++sleeps;
                                 now += time;
                             }}) {}

    void read(std::size_t bytes, int times, nanoseconds takes) {
        std::vector<std::byte> into(bytes);
        for (int i = 0; i < times; ++i) {
            now += takes;
            (void)memory.read(kStart, into);
        }
    }

    FakeMemory under;
    nanoseconds now{std::chrono::hours(1)};
    int sleeps = 0;
    std::uint64_t most = ~std::uint64_t{0};
    PacedMemory memory;
};

TEST_CASE("pace: 100 MiB at 10 MiB a second take ten seconds") {
    Paced paced(10 * kMebibyte);
    const nanoseconds began = paced.now;
    paced.read(kMebibyte, 100, {});
    CHECK(paced.now - began <= std::chrono::seconds(10));
    CHECK(paced.now - began >= std::chrono::seconds(10) - PacedMemory::kBurst);
    CHECK(paced.sleeps == 100);
}

TEST_CASE("pace: small reads are paced together") {
    Paced paced(kMebibyte);
    const nanoseconds began = paced.now;
    paced.read(64, 1 << 14, {});  // one MiB in all
    CHECK(paced.now - began <= std::chrono::seconds(1));
    CHECK(paced.now - began >= std::chrono::seconds(1) - PacedMemory::kBurst);
    CHECK(paced.sleeps <= 1000);
}

TEST_CASE("pace: who reads slowly does not sleep") {
    Paced paced(100 * kMebibyte);
    paced.read(kMebibyte, 50, milliseconds(11));
    CHECK(paced.sleeps == 0);
}

TEST_CASE("pace: a pause does not save up for more than a burst") {
    Paced paced(100 * kMebibyte);
    paced.now += std::chrono::hours(1);
    const nanoseconds began = paced.now;
    paced.read(kMebibyte, 100, {});
    CHECK(paced.now - began >= std::chrono::seconds(1) - PacedMemory::kBurst);
}

TEST_CASE("pace: no limit, no sleep; and who is told to end reads no more") {
    Paced paced(0);
    paced.most = 10 * kMebibyte;
    paced.read(kMebibyte, 100, {});
    CHECK(paced.sleeps == 0);
    CHECK(paced.under.reads() == 10);
    CHECK(paced.memory.read_as<std::byte>(kStart).error().code == Errc::timeout);
}

}  // namespace
}  // namespace corotrace::symbols_paced_memory_test
