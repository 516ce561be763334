// SPDX-License-Identifier: MIT
// When a target is traced: the policy, what is done by it, and what tells that stops are dangerous.
#include "tests/support/catch.hpp"
#include "tests/support/fake_target.hpp"
#include "tests/support/watched_fake.hpp"
#include "tracer/session/hold.hpp"
#include "tracer/session/throttle_watch.hpp"
#include "tracer/session/tracing.hpp"

namespace corotrace::session_hold_test {

namespace {

using Clock = Hold::Clock;
constexpr std::chrono::milliseconds kMoment{1};

struct TracedFake {
    FakeTarget target;
    Tracing tracing;

    explicit TracedFake(HoldMode mode)
        : tracing(target.live(), Hold(mode, true), StopPermit({}, 0), StopPolicy(0.01, false), false) {}
    void begin() {
        target.probes.planted = true;
        REQUIRE(tracing.begin().ok());
    }
    // As TargetLoop changes the tracer thread.
    void change(Clock::time_point now) {
        REQUIRE(tracing.is_to_change(now));
        tracing.pause();
        CHECK(target.probes.budget == 0);
        REQUIRE(tracing.resume(now).ok());
    }
};

SessionSetup never_traced() {
    SessionSetup setup = make_fake_setup();
    setup.options.hold = HoldMode::kNever;
    return setup;
}

CpuQuota quota(double cores, std::uint64_t throttled) {
    return {.cores = cores, .periods = 1000, .throttled = throttled};
}

}  // namespace

TEST_CASE("hold: each mode") {
    const auto now = Clock::now();
    const auto later = now + std::chrono::hours(1);
    Hold unsaid(HoldMode::kUnasked, true);
    CHECK(unsaid.wants(later));
    CHECK(unsaid.give_up());
    CHECK_FALSE(unsaid.wants(later));
    Hold always(HoldMode::kAlways, true);
    CHECK_FALSE(always.give_up());
    CHECK(always.wants(later));
    CHECK_FALSE(Hold(HoldMode::kNever, true).wants(now));
    // Whoever started the process cannot let go of it.
    CHECK(Hold(HoldMode::kNever, false).wants(later));
    Hold automatic(HoldMode::kAuto, true);
    CHECK(automatic.wants(now));
    CHECK_FALSE(automatic.wants(later));
    automatic.on_new_place(later);
    CHECK(automatic.wants(later));
    CHECK_FALSE(automatic.wants(later + Hold::kLinger));
    automatic.on_other_tracer(later);
    CHECK_FALSE(automatic.wants(later));
    CHECK(automatic.wants(later + Hold::kRetry));
}

TEST_CASE("tracing: auto lets go, shows a beat, and comes back for a new place") {
    TracedFake one(HoldMode::kAuto);
    REQUIRE(one.tracing.begin().ok());
    CHECK(one.tracing.is_on());
    CHECK(one.target.probes.beat == 0);
    auto now = Clock::now();
    CHECK_FALSE(one.tracing.is_to_change(now));
    now += Hold::kLinger;
    one.change(now);
    CHECK_FALSE(one.tracing.is_on());
    CHECK(one.target.threads.traced.empty());
    CHECK(one.target.probes.captures_only);
    const auto beat = one.target.probes.beat;
    CHECK(beat != 0);
    CHECK_FALSE(one.tracing.tick(now, 0));
    CHECK(one.target.probes.beat != beat);
    one.tracing.hold().on_new_place(now);
    CHECK_FALSE(one.tracing.tick(now, 0));
    CHECK(one.tracing.is_on());
    CHECK(one.target.probes.beat == 0);
    CHECK_FALSE(one.target.probes.captures_only);
    CHECK(one.target.probes.budget > 0);
    CHECK_FALSE(one.tracing.notes(now).empty());
}

TEST_CASE("tracing: somebody else is there when it wants to come back") {
    TracedFake one(HoldMode::kAuto);
    REQUIRE(one.tracing.begin().ok());
    auto now = Clock::now() + Hold::kLinger;
    one.change(now);
    one.target.threads.seizing = Error{Errc::denied, 0, "traced"};
    one.tracing.hold().on_new_place(now);
    CHECK_FALSE(one.tracing.tick(now, 0));
    CHECK_FALSE(one.tracing.is_on());
    CHECK(one.tracing.unseen_why() == "another tracer was attached");
    one.target.threads.seizing = {};
    now += Hold::kRetry;
    CHECK_FALSE(one.tracing.tick(now, 0));
    CHECK(one.tracing.is_on());
}

TEST_CASE("tracing: never seizes nobody") {
    TracedFake one(HoldMode::kNever);
    REQUIRE(one.tracing.begin().ok());
    CHECK(one.target.threads.traced.empty());
    CHECK(one.tracing.stops().is_muted());
    CHECK_FALSE(one.tracing.stops_may_come());
    CHECK_FALSE(one.tracing.is_to_change(Clock::now()));
}

TEST_CASE("tracing: where stops turn out to be dangerous it lets go for good, unless told to stay") {
    TracedFake one(HoldMode::kUnasked);
    one.begin();
    one.tracing.give_up("throttled");
    CHECK(one.target.probes.captures_only);
    CHECK(one.target.probes.budget == 0);
    CHECK(one.tracing.unseen_why() == "throttled");
    one.change(Clock::now());
    CHECK_FALSE(one.tracing.is_on());

    TracedFake other(HoldMode::kAlways);
    other.begin();
    other.tracing.give_up("throttled");
    other.tracing.suspend("crowded");
    CHECK_FALSE(other.target.probes.captures_only);
    CHECK_FALSE(other.tracing.is_to_change(Clock::now()));
}

TEST_CASE("tracing: for the time being captures take the place of stops") {
    TracedFake one(HoldMode::kUnasked);
    one.begin();
    one.tracing.suspend("crowded");
    CHECK(one.target.probes.captures_only);
    CHECK(one.tracing.is_on());
    one.tracing.suspend({});
    CHECK_FALSE(one.target.probes.captures_only);
    CHECK(one.target.probes.budget > 0);
    // However often, it is said once.
    one.tracing.suspend("crowded");
    CHECK(one.tracing.notes(Clock::now()).size() == 1);
}

TEST_CASE("a session that nobody traces notices the end, and that its stub was taken out") {
    WatchedFake gone(never_traced());
    REQUIRE(gone.begin().ok());
    gone.target.probes.readable = false;
    gone.target.threads.runs_program = false;
    gone.session.tick(gone.session.next_tick());
    CHECK(gone.leave().reason == EndReason::kTargetExited);

    WatchedFake executed(never_traced());
    REQUIRE(executed.begin().ok());
    executed.target.probes.readable = false;
    executed.session.tick(executed.session.next_tick());
    CHECK(executed.leave().reason == EndReason::kTargetExec);

    WatchedFake robbed(never_traced());
    REQUIRE(robbed.begin().ok());
    robbed.target.probes.unread = Errc::malformed;
    robbed.target.probes.readable = false;
    robbed.session.tick(robbed.session.next_tick());
    const SessionEnd end = robbed.leave();
    CHECK(end.reason == EndReason::kTargetLost);
    CHECK(robbed.target.probes.abandoned);
    CHECK(robbed.target.probes.removals == 0);

    // A part of the table that cannot be read is no reason to leave the stub behind.
    WatchedFake partly(never_traced());
    REQUIRE(partly.begin().ok());
    partly.target.probes.rows_readable = false;
    ++partly.target.probes.counters.coroutines;
    partly.session.tick(partly.session.next_tick());
    CHECK_FALSE(partly.session.is_ending());
    CHECK_FALSE(partly.target.probes.abandoned);
}

TEST_CASE("a target that a corotrace watches without tracing it is left to that one") {
    WatchedFake one;
    one.target.probes.unwatched = Error{Errc::unsupported, 0, "another corotrace"};
    CHECK(one.begin().error().code == Errc::unsupported);
    CHECK_FALSE(one.target.probes.planted);
}

TEST_CASE("throttle: a tight limit, a limit that is used up, and one that is not") {
    const auto now = Clock::now();
    CHECK(ThrottleWatch(quota(0.05, 0)).throttled().value_or("").find("50m") != std::string::npos);
    CHECK_FALSE(ThrottleWatch(std::nullopt).throttled());
    ThrottleWatch half(quota(0.5, 7));
    CHECK_FALSE(half.throttled());
    half.note(now, quota(0.5, 7), {});
    CHECK_FALSE(half.throttled());
    half.note(now, quota(0.5, 8), {});
    CHECK(half.throttled().value_or("").find("500m") != std::string::npos);
}

TEST_CASE("throttle: a crowded machine, until it is calm") {
    auto now = Clock::now();
    ThrottleWatch watch(std::nullopt);
    const auto waited = [&](int milliseconds, std::uint64_t slices) {
        watch.note(
            now, {},
            RunTimes{.on_cpu = {}, .waited = std::chrono::milliseconds(milliseconds), .slices = slices});
    };
    waited(500, 10);  // from before
    CHECK_FALSE(watch.crowded());
    waited(505, 15);
    CHECK_FALSE(watch.crowded());
    waited(600, 17);
    CHECK(watch.crowded());
    now += kMoment;
    waited(600, 20);
    CHECK(watch.crowded());
    now += ThrottleWatch::kCalm;
    waited(600, 25);
    CHECK_FALSE(watch.crowded());
}

}  // namespace corotrace::session_hold_test
