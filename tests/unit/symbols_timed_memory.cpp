// SPDX-License-Identifier: MIT
#include "symbols/timed_memory.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/fake_memory.hpp"

namespace corotrace::symbols_timed_memory_test {
namespace {

constexpr RemoteAddr kStart{0x1000};

// What a program could have us read for ever.
int read_until_refused(const TimedMemory& memory) {
    constexpr int kMany = 50'000'000;
    for (int reads = 0; reads < kMany; ++reads) {
        const auto byte = memory.read_as<std::byte>(kStart);
        if (byte) continue;
        CHECK(byte.error().code == Errc::timeout);
        return reads;
    }
    return kMany;
}

TEST_CASE("a memory without a limit is read as ever") {
    const FakeMemory under(kStart, std::vector<std::byte>(16, std::byte{7}));
    const TimedMemory memory(under);
    for (int i = 0; i < 100; ++i)
        CHECK(memory.read_as<std::byte>(kStart).value_or(std::byte{}) == std::byte{7});
    CHECK(memory.read_as<std::byte>({0x2000}).error().code == Errc::unreadable);
}

TEST_CASE("reading ends when its time is over, and begins anew with the next") {
    const FakeMemory under(kStart, std::vector<std::byte>(16));
    TimedMemory memory(under);
    memory.allow(std::chrono::milliseconds(2));
    const int reads = read_until_refused(memory);
    CHECK(reads > 0);
    CHECK(memory.ran_out());
    const int looked = under.reads();
    CHECK_FALSE(memory.read_as<std::byte>(kStart));
    CHECK(under.reads() == looked);
    memory.allow(std::chrono::seconds(10));
    CHECK_FALSE(memory.ran_out());
    CHECK(memory.read_as<std::byte>(kStart));
    memory.allow_exactly(std::chrono::nanoseconds(0));
    CHECK_FALSE(memory.read_as<std::byte>(kStart));
}

std::chrono::nanoseconds stolen_time() {
    static std::chrono::seconds now{0};
    now += std::chrono::hours(1);
    return now;
}

TEST_CASE("what tells a drop's place is read though the host took all of the time") {
    const FakeMemory under(kStart, std::vector<std::byte>(16));
    TimedMemory memory(under, stolen_time);
    memory.allow(std::chrono::milliseconds(4));
    CHECK(read_until_refused(memory) == static_cast<int>(TimedMemory::kReadsAtLeast));
    memory.allow_exactly(std::chrono::milliseconds(4));
    CHECK(read_until_refused(memory) == 0);
}

}  // namespace
}  // namespace corotrace::symbols_timed_memory_test
