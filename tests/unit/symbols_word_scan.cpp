// SPDX-License-Identifier: MIT
// Words found in memory: each of them, few or many, at every place of a block, and not beyond the time.
#include "symbols/word_scan.hpp"

#include <cstring>

#include "symbols/timed_memory.hpp"
#include "symbols/word_filter.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fake_memory.hpp"

namespace corotrace::symbols_word_scan_test {
namespace {

constexpr RemoteAddr kStart{0x10000};
constexpr std::uint64_t kWord = 8;

struct Words {
    explicit Words(std::size_t count) : memory(kStart, std::vector<std::byte>(count * kWord)) {}

    void put(std::size_t index, std::uint64_t word) {
        std::memcpy(memory.bytes().data() + index * kWord, &word, sizeof word);
    }
    [[nodiscard]] AddressSpan all() const {
        return {kStart, kStart + const_cast<Words*>(this)->memory.bytes().size()};
    }

    FakeMemory memory;
};

std::vector<std::size_t> find(const RemoteMemory& memory, AddressSpan span, std::vector<RemoteAddr> targets) {
    std::vector<std::size_t> found;
    const auto done =
        scan_words(memory, std::vector{span}, std::move(targets), [&](RemoteAddr at, std::uint64_t) {
            found.push_back((at.value - kStart.value) / kWord);
            return true;
        });
    REQUIRE(done);
    return found;
}

// One that lies anywhere in 47 bits, as addresses do.
std::uint64_t make_word(std::uint64_t i) {
    return (i * 0x9e3779b97f4a7c15U) >> 17U & ~std::uint64_t{7};
}

TEST_CASE("words: one target is found at each place of a block, and behind the last block") {
    constexpr std::size_t kCount = 3 * WordFilter::kBlockWords + 5;
    for (std::size_t place = 0; place < kCount; ++place) {
        Words words(kCount);
        words.put(place, 0x7f0012345678);
        CHECK(find(words.memory, words.all(), {{0x7f0012345678}}) == std::vector{place});
    }
}

TEST_CASE("words: as many targets as one likes are found, and nothing else") {
    for (const std::size_t targets : {1U, 3U, 8U, 100U, 20'000U}) {
        Words words(40'000);
        std::vector<std::size_t> expected;
        std::vector<RemoteAddr> sought;
        for (std::size_t i = 0; i < targets; ++i) sought.push_back({make_word(i)});
        for (std::size_t i = 0; i < 40'000; ++i) {
            const bool is_one = i % 7 == 0;
            words.put(i, is_one ? make_word(i % targets) : make_word(i + 100'000));
            if (is_one) expected.push_back(i);
        }
        CHECK(find(words.memory, words.all(), sought) == expected);
    }
}

TEST_CASE("words: no target, no words, a span of less than a word") {
    Words words(64);
    CHECK(find(words.memory, words.all(), {}).empty());
    CHECK(find(words.memory, {kStart, kStart}, {{0}}).empty());
    CHECK(find(words.memory, {kStart + 1, kStart + 9}, {{0}}).empty());
    CHECK(find(words.memory, {kStart + 1, kStart + 16}, {{0}}) == std::vector<std::size_t>{1});
}

TEST_CASE("words: 8 MiB with a thousand targets are looked through in few reads") {
    Words words((std::size_t{8} << 20U) / kWord);
    std::vector<RemoteAddr> sought;
    for (std::size_t i = 1; i <= 1000; ++i) sought.push_back({make_word(i)});
    CHECK(find(words.memory, words.all(), sought).empty());
    CHECK(words.memory.reads() <= 9);
}

std::chrono::nanoseconds ticking() {
    static std::chrono::nanoseconds now{};
    return now += std::chrono::nanoseconds(1);
}

TEST_CASE("words: a memory whose time is over ends the scan, which says so") {
    Words words((std::size_t{32} << 20U) / kWord);
    TimedMemory timed(words.memory, ticking);
    timed.allow_exactly(std::chrono::nanoseconds(2));
    const auto done =
        scan_words(timed, std::vector{words.all()}, {{1}}, [](RemoteAddr, std::uint64_t) { return true; });
    REQUIRE(done);
    CHECK(done->timed_out);
    CHECK(done->unread_bytes == 0);
    CHECK(done->bytes < words.memory.bytes().size());
    CHECK(words.memory.reads() <= 16);
}

}  // namespace
}  // namespace corotrace::symbols_word_scan_test
