// SPDX-License-Identifier: MIT
// The stub's machine code, run here on objects made up for it.
#include "tests/support/local_stub.hpp"

#include <array>
#include <csignal>
#include <thread>
#include <vector>

#include "tests/support/catch.hpp"
#include "tracer/probes/stub_data.hpp"
#include "tracer/probes/stub_tally.hpp"

namespace corotrace::process_stub_test {

namespace {

thread_local int g_signals = 0;

extern "C" void count_signal(int) {
    ++g_signals;
}

}  // namespace

TEST_CASE("the stub counts what meets its condition and always calls the original") {
    LocalStub stub(direct_entry());
    g_finalized.clear();
    const FakeObject created{.code = 0x1000, .state = kCreated};
    const FakeObject started{.code = 0x1000, .state = kCreated + 1};
    stub.finalize(created);
    stub.finalize(started);
    stub.finalize(created);
    CHECK(g_finalized == std::vector<const FakeObject*>{&created, &started, &created});
    CHECK(stub.header().coroutines == 2);
    CHECK(stub.header().attempts == 0);
    REQUIRE(stub.row(0x1000).has_value());
    CHECK(stub.row(0x1000)->count == 2);
}

TEST_CASE("what another stub had counted goes on in the rows where the next one looks for it") {
    LocalStub stub(direct_entry());
    StubTally tally{
        .rows = {{.key = 0x3000, .count = 5}, {.key = 0x1000, .count = 7}, {.key = 0x2000, .count = 9}}};
    StubTally more{.rows = {{.key = 0x1000, .count = 1},
                            {.key = 0x4000, .count = 2},
                            {.key = 0x5000, .count = 4},
                            {.key = 0x6003, .count = 8}}};
    tally.add(more);
    const PlacedTally placed = place_tally(tally, kCapacity);
    CHECK(placed.overflow == 4);
    CHECK(placed.call_overflow == 8);
    REQUIRE(placed.pieces.size() == 1);
    stub.put_rows(placed.pieces[0]);
    for (const std::uint64_t key : {0x1000U, 0x2000U, 0x3000U, 0x4000U})
        stub.finalize({.code = key, .state = kCreated});
    CHECK(stub.rows().size() == 4);
    CHECK(stub.row(0x1000)->count == 9);
    CHECK(stub.row(0x2000)->count == 10);
    CHECK(stub.row(0x3000)->count == 6);
    CHECK(stub.row(0x4000)->count == 3);
}

TEST_CASE("rows that were put there are found, and none is claimed again, in a table with room") {
    constexpr std::uint32_t kRoom = arch::RowLayout::kRowsPerPiece;
    for (std::uint64_t first = 0; first < 20; ++first) {
        LocalStub stub(direct_entry(), &fake_finalizer, std::nullopt, kRoom);
        StubTally tally;
        for (std::uint64_t i = 0; i < kRoom - 3; ++i)
            tally.rows.push_back({.key = 0x1000 + (first * 100 + i) * 0x9e40, .count = 7});
        const PlacedTally placed = place_tally(tally, kRoom);
        REQUIRE(placed.overflow == 0);
        stub.put_rows(placed.pieces.at(0));
        for (const StubRow& row : tally.rows) stub.finalize({.code = row.key, .state = kCreated});
        CHECK(stub.rows().size() == tally.rows.size());
        for (const StubRow& row : tally.rows) CHECK(stub.row(row.key)->count == 8);
    }
}

TEST_CASE("a condition on one byte and through a pointer") {
    struct Frame {
        std::uint64_t head = 0;
        std::int8_t lasti = -1;
    };
    Frame frame;
    const FakeObject object{.code = reinterpret_cast<std::uint64_t>(&frame), .state = 0};
    const FakeObject finished{.code = 0, .state = 0};
    arch::StubEntry entry = direct_entry();
    entry.condition = {
        .through = offsetof(FakeObject, code), .field = offsetof(Frame, lasti), .width = 1, .value = -1};
    LocalStub stub(entry);
    stub.finalize(object);
    stub.finalize(finished);
    CHECK(stub.header().coroutines == 1);
    frame.lasti = 0;
    stub.finalize(object);
    CHECK(stub.header().coroutines == 1);
}

TEST_CASE("keys are untagged, tagged with their kind and kept apart") {
    arch::StubEntry entry = direct_entry();
    entry.untag_key = true;
    entry.key_tag = 2;
    LocalStub stub(entry);
    stub.finalize({.code = 0x2001, .state = kCreated});
    CHECK(stub.row(0x2002).has_value());
    CHECK(!stub.row(0x2001));
}

TEST_CASE("keys that collide and keys that find no room") {
    LocalStub stub(direct_entry());
    // The same start row for all of them: equal in the bits that choose it.
    for (std::uint64_t key = 1; key <= kCapacity + 2; ++key) {
        stub.finalize({.code = key << 12, .state = kCreated});
        stub.finalize({.code = key << 12, .state = kCreated});
    }
    for (std::uint64_t key = 1; key <= kCapacity; ++key) {
        REQUIRE(stub.row(key << 12).has_value());
        CHECK(stub.row(key << 12)->count == 2);
    }
    CHECK(parse_row(stub.header().overflow).count == 4);
    CHECK(stub.header().coroutines == 2 * (kCapacity + 2));
    stub.finalize({.code = 0, .state = kCreated});
    CHECK(parse_row(stub.header().overflow).count == 5);
}

TEST_CASE("stops are asked for within the row's and the common budget, whatever the signal mask") {
    LocalStub stub(direct_entry());
    stub.header().initial_stops = 2;
    stub.header().budget = 3;
    const FakeObject first{.code = 0x1000, .state = kCreated};
    const FakeObject second{.code = 0x2000, .state = kCreated};
    for (int i = 0; i < 5; ++i) stub.finalize(first);
    CHECK(stub.header().attempts == 2);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGURG);
    pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
    for (int i = 0; i < 5; ++i) stub.finalize(second);
    CHECK(stub.header().attempts == 3);
    sigset_t after;
    sigset_t pending;
    sigpending(&pending);
    CHECK(sigismember(&pending, SIGURG) == 0);
    pthread_sigmask(SIG_SETMASK, nullptr, &after);
    CHECK(sigismember(&after, SIGURG) == 1);
    pthread_sigmask(SIG_UNBLOCK, &blocked, nullptr);
    CHECK(stub.header().budget == 0);
    CHECK(stub.row(0x2000)->stops == 1);
}

TEST_CASE("a signal that the program handles is not sent") {
    LocalStub stub(direct_entry());
    stub.header().initial_stops = 5;
    stub.header().budget = 5;
    struct sigaction count {};
    count.sa_handler = count_signal;
    struct sigaction before {};
    sigaction(SIGURG, &count, &before);
    g_signals = 0;
    for (int i = 0; i < 3; ++i) stub.finalize({.code = 0x1000, .state = kCreated});
    CHECK(g_signals == 0);
    CHECK(stub.header().attempts == 0);
    CHECK(stub.header().refused == 3);
    count.sa_handler = SIG_IGN;
    sigaction(SIGURG, &count, nullptr);
    stub.finalize({.code = 0x1000, .state = kCreated});
    sigaction(SIGURG, &before, nullptr);
    stub.finalize({.code = 0x1000, .state = kCreated});
    CHECK(stub.header().attempts == 2);
    CHECK(stub.header().coroutines == 5);
}

TEST_CASE("without budget each row still has its first stop, unless no row may stop at all") {
    LocalStub stub(direct_entry());
    stub.header().initial_stops = 2;
    for (int i = 0; i < 3; ++i) {
        stub.finalize({.code = 0x1000, .state = kCreated});
        stub.finalize({.code = 0x2000, .state = kCreated});
    }
    CHECK(stub.row(0x1000)->stops == 1);
    CHECK(stub.row(0x2000)->stops == 1);
    stub.header().initial_stops = 0;
    stub.finalize({.code = 0x3000, .state = kCreated});
    CHECK(stub.row(0x3000)->stops == 0);
}

TEST_CASE("another process asks for no stop, and takes its budget away") {
    LocalStub stub(direct_entry());
    stub.header().initial_stops = 2;
    stub.header().budget = 3;
    stub.header().pid = static_cast<std::uint32_t>(getpid()) + 1;
    for (int i = 0; i < 5; ++i) stub.finalize({.code = 0x1000, .state = kCreated});
    CHECK(stub.header().budget == 0);
    CHECK(stub.header().attempts == 0);
    CHECK(stub.header().coroutines == 5);
}

TEST_CASE("a blocked signal that is pending for somebody else stays pending, with its value") {
    LocalStub stub(direct_entry());
    stub.header().initial_stops = 5;
    stub.header().budget = 5;
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGURG);
    pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
    REQUIRE(sigqueue(getpid(), SIGURG, {.sival_int = 42}) == 0);
    for (int i = 0; i < 3; ++i) stub.finalize({.code = 0x1000, .state = kCreated});
    siginfo_t info{};
    const timespec at_once{};
    CHECK(sigtimedwait(&blocked, &info, &at_once) == SIGURG);
    CHECK(info.si_value.sival_int == 42);
    CHECK(sigtimedwait(&blocked, nullptr, &at_once) == -1);
    pthread_sigmask(SIG_UNBLOCK, &blocked, nullptr);
    CHECK(stub.header().attempts == 0);
    CHECK(stub.header().coroutines == 3);
}

TEST_CASE("many threads lose no count") {
    LocalStub stub(direct_entry());
    constexpr int kThreads = 4, kDrops = 20000;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < kDrops; ++i) {
                stub.finalize({.code = static_cast<std::uint64_t>(i % 3 + 1) << 8, .state = kCreated});
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(stub.header().coroutines == kThreads * kDrops);
    std::uint64_t sum = parse_row(stub.header().overflow).count;
    for (std::uint64_t key = 1; key <= 3; ++key) sum += stub.row(key << 8)->count;
    CHECK(sum == kThreads * kDrops);
}

TEST_CASE("an entry without a condition counts every call") {
    arch::StubEntry entry = direct_entry();
    entry.condition.reset();
    LocalStub stub(entry);
    stub.finalize({.code = 1, .state = 0});
    stub.finalize({.code = 1, .state = kCreated});
    CHECK(stub.header().coroutines == 2);
    CHECK(g_finalized.size() >= 2);
}

TEST_CASE(
    "a limited entry follows the other counter while the flag is up, and counts freely when it is not") {
    arch::StubEntry entry = direct_entry();
    entry.condition.reset();
    entry.limit = arch::StubLimit{.flag = offsetof(StubDataHeader, following),
                                  .limit = offsetof(StubDataHeader, warned)};
    LocalStub stub(entry);
    const FakeObject object;
    stub.finalize(object);
    CHECK(stub.header().coroutines == 0);
    stub.header().warned = 2;
    for (int i = 0; i < 3; ++i) stub.finalize(object);
    CHECK(stub.header().coroutines == 2);
    stub.header().following = 0;
    for (int i = 0; i < 3; ++i) stub.finalize(object);
    CHECK(stub.header().coroutines == 5);
}

}  // namespace corotrace::process_stub_test
