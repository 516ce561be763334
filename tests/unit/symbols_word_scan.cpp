// SPDX-License-Identifier: MIT
// Words found in memory: each of them, few or many, at every place of a block, and not beyond the time.
#include "symbols/word_scan.hpp"

#include <cstring>
#include <stdexcept>

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
    for (const std::size_t targets : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U, 9U, 100U, 20'000U}) {
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

TEST_CASE("words: what has only a half in common with a target is none") {
    constexpr std::size_t kCount = 4 * WordFilter::kBlockWords;
    Words words(kCount);
    for (std::size_t i = 0; i < kCount; ++i) {
        words.put(i, i % 2 == 0 ? 0x7e0012345678 : 0x1234567800007f00);
    }
    words.put(kCount - 1, 0x7f0012345678);
    CHECK(find(words.memory, words.all(), {{0x7f0012345678}}) == std::vector{kCount - 1});
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
    CHECK(words.memory.reads() <= 33);
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

// 32 MiB from 4 MiB on, made as they are read, by any thread: a word in 10007 is the target. At `bad` it does
// as it is told.
class EndlessWords final : public RemoteMemory {
public:
    enum class Does : std::uint8_t { kRead, kIsGone, kThrows, kIsUnreadable };
    static constexpr std::uint64_t kTarget = 0x7f0012345678;
    static constexpr AddressSpan kAll{{std::uint64_t{4} << 20U}, {std::uint64_t{36} << 20U}};
    static constexpr std::uint64_t kBad = (std::uint64_t{20} << 20U) + 8 * kWord;

    explicit EndlessWords(Does does) : does_(does) {}

    [[nodiscard]] static bool is_target(std::uint64_t at) { return at / kWord % 10'007 == 0; }
    [[nodiscard]] Status read(RemoteAddr from, std::span<std::byte> into) const override {
        if (from.value <= kBad && kBad < from.value + into.size()) {
            if (does_ == Does::kIsGone) return Error{Errc::gone, 0, "words"};
            if (does_ == Does::kIsUnreadable) return Error{Errc::unreadable, 0, "words"};
            if (does_ == Does::kThrows) throw std::runtime_error("words");
        }
        for (std::size_t i = 0; i < into.size(); i += kWord) {
            const std::uint64_t word = is_target(from.value + i) ? kTarget : i;
            std::memcpy(&into[i], &word, kWord);
        }
        return {};
    }

private:
    Does does_;
};

TEST_CASE("words: two threads find what one finds, in the same order, in memory with a hole") {
    for (const auto does : {EndlessWords::Does::kRead, EndlessWords::Does::kIsUnreadable}) {
        const EndlessWords words(does);
        const std::uint64_t hole = EndlessWords::kBad / 4096;
        const bool has_hole = does == EndlessWords::Does::kIsUnreadable;
        for (const auto threads : {ScanThreads::kOne, ScanThreads::kTwo}) {
            std::vector<std::uint64_t> found;
            const auto visit = [&](RemoteAddr at, std::uint64_t) {
                found.push_back(at.value);
                return true;
            };
            const auto done =
                scan_words(words, std::vector{EndlessWords::kAll}, {{EndlessWords::kTarget}}, visit, threads);
            REQUIRE(done);
            CHECK(done->unread_bytes == (has_hole ? 4096 : 0));
            CHECK(done->bytes + done->unread_bytes == std::uint64_t{32} << 20U);
            std::vector<std::uint64_t> expected;
            for (std::uint64_t at = EndlessWords::kAll.start.value; at < EndlessWords::kAll.end.value;
                 at += kWord) {
                if (EndlessWords::is_target(at) && !(has_hole && at / 4096 == hole)) expected.push_back(at);
            }
            CHECK(found == expected);
        }
    }
}

TEST_CASE("words: what ends the scan of one thread ends that of two at the same place") {
    for (const auto threads : {ScanThreads::kOne, ScanThreads::kTwo}) {
        std::uint64_t last = 0;
        int visits = 0;
        const auto visit = [&](RemoteAddr at, std::uint64_t) {
            last = at.value;
            return ++visits != 7;
        };
        const auto run = [&](EndlessWords::Does does) {
            const EndlessWords words(does);
            return scan_words(words, std::vector{EndlessWords::kAll}, {{EndlessWords::kTarget}}, visit,
                              threads);
        };
        REQUIRE(run(EndlessWords::Does::kRead));
        CHECK(visits == 7);
        const auto gone = run(EndlessWords::Does::kIsGone);
        REQUIRE_FALSE(gone);
        CHECK(gone.error().code == Errc::gone);
        CHECK(last < EndlessWords::kBad);
        CHECK(last > EndlessWords::kBad - (std::uint64_t{1} << 20U));
        CHECK_THROWS_AS(run(EndlessWords::Does::kThrows), std::runtime_error);
        CHECK(last < EndlessWords::kBad);
    }
}

}  // namespace
}  // namespace corotrace::symbols_word_scan_test
