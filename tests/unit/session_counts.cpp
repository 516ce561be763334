// SPDX-License-Identifier: MIT
// When the counts of the stub and those of its rows are taken over and told, of a fake target.
#include "tests/support/catch.hpp"
#include "tests/support/watched_fake.hpp"

namespace corotrace::session_counts_test {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kKey = 0x5550;

SessionSetup telling_setup() {
    SessionSetup setup = make_fake_setup();
    setup.options.live_counts = true;
    return setup;
}

void count(WatchedFake& one, std::uint64_t all, std::uint32_t in_row) {
    one.target.probes.counters.coroutines = one.target.probes.counters.warned = all;
    one.target.probes.rows.front() = {.key = kKey, .count = in_row, .stops = 1, .granted = 0};
}

}  // namespace

TEST_CASE("what was counted before its place was known is told once it is") {
    WatchedFake one(telling_setup());
    one.target.probes.no_places.reset();
    one.target.reader.key = kKey;
    REQUIRE(one.begin().ok());
    const auto now = std::chrono::steady_clock::now();
    const StopEvent stop = one.target.drop();
    count(one, 100, 100);
    one.session.tick(now + 1s);
    one.session.take(stop);  // noticed late
    one.session.tick(now + 3s);
    REQUIRE(one.report.counts.size() == 1);
    CHECK(one.report.counts.front().count == 100);
    CHECK(one.report.counts.front().sampled == 1);
    const int told = one.report.times_counted;
    one.session.tick(now + 5s);
    CHECK(one.report.times_counted == told);  // nothing came since
}

TEST_CASE("rows are read again until they have what the counters say") {
    WatchedFake one(telling_setup());
    one.target.probes.no_places.reset();
    one.target.reader.key = kKey;
    REQUIRE(one.begin().ok());
    one.session.take(one.target.drop());
    const auto now = std::chrono::steady_clock::now();
    count(one, 100, 99);  // a thread is between the two
    one.session.tick(now + 1s);
    count(one, 100, 100);
    one.session.tick(now + 3s);
    REQUIRE(one.report.counts.size() == 1);
    CHECK(one.report.counts.front().count == 100);
}

}  // namespace corotrace::session_counts_test
