// SPDX-License-Identifier: MIT
#include "tests/support/catch.hpp"
#include "tracer/session/session_tick.hpp"

namespace corotrace::session_tick_pace_test {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

using Work = TickPace::Work;

struct Counted {
    int all = 0;
    int signs = 0;
    int counts = 0;
};

// So many seconds of ticks of one that is old.
Counted run(TickPace& pace, TickPace::Clock::time_point& now, seconds time, bool counts,
            bool is_busy = false) {
    Counted counted;
    for (const auto until = now + time; now < until; now = pace.next(now)) {
        switch (pace.choose(now, {.age = hours(1), .is_busy = is_busy, .has_counted = counts})) {
            case Work::kAll:
                ++counted.all;
                break;
            case Work::kSigns:
                ++counted.signs;
                break;
            case Work::kCounts:
                ++counted.counts;
                break;
        }
    }
    return counted;
}

}  // namespace

TEST_CASE("tick pace: at rest nearly all ticks read counts only") {
    TickPace pace;
    auto now = TickPace::Clock::time_point(hours(10));
    run(pace, now, seconds(4), false);
    const Counted rest = run(pace, now, seconds(40), false);
    CHECK(rest.all == 10);
    CHECK(rest.all + rest.signs + rest.counts == 80);  // two a second
    CHECK(rest.all + rest.signs == 40);                // within the 2 s that another corotrace waits
}

TEST_CASE("tick pace: what is counted is looked at within a second, with all that was left out") {
    TickPace pace;
    auto now = TickPace::Clock::time_point(hours(10));
    run(pace, now, seconds(4), false);
    const Counted counted = run(pace, now, seconds(20), true);
    CHECK(counted.all == 20);
    CHECK(pace.ticks() == 10);
    run(pace, now, seconds(9), false);
    CHECK(pace.ticks() == 1);
}

TEST_CASE("tick pace: what is to be done is done at each tick, and for a while after") {
    TickPace pace;
    auto now = TickPace::Clock::time_point(hours(10));
    static_cast<void>(pace.choose(now, {.age = hours(1), .is_busy = false, .has_counted = true}));
    const Counted busy = run(pace, now, seconds(2), false, true);
    CHECK(busy.all >= 8);
    CHECK(busy.signs + busy.counts == 0);
    CHECK(run(pace, now, TickPace::kLinger, false).all >= 11);
    CHECK(run(pace, now, seconds(2), false).counts > 0);
    // And at once.
    CHECK(pace.choose(now, {.age = hours(1), .is_busy = true, .has_counted = false}) == Work::kAll);
}

TEST_CASE("tick pace: a young one is looked at closely") {
    TickPace pace;
    auto now = TickPace::Clock::time_point(hours(10));
    for (const auto began = now; now < began + TickPace::kYouth; now += kSteadyTick)
        REQUIRE(pace.choose(now, {.age = now - began, .is_busy = false, .has_counted = false}) == Work::kAll);
}

TEST_CASE("tick pace: those that rest are looked at together") {
    const auto at = TickPace::Clock::time_point(hours(10));
    TickPace pace;
    for (int i = 0; i < 500; ++i) CHECK(pace.next(at + milliseconds(i)) == at + TickPace::kStillTick);
    CHECK(pace.next(at + TickPace::kStillTick) == at + 2 * TickPace::kStillTick);
    static_cast<void>(pace.choose(at, {.age = hours(1), .is_busy = false, .has_counted = true}));
    CHECK(pace.next(at) == at + kSteadyTick);
    CHECK(pace.next(at + TickPace::kAllEvery) == at + TickPace::kAllEvery + TickPace::kSilentTick);
    CHECK(pace.next(at + TickPace::kStillAfter) == at + TickPace::kStillAfter + TickPace::kStillTick);
}

}  // namespace corotrace::session_tick_pace_test
