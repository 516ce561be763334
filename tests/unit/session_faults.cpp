// SPDX-License-Identifier: MIT
// Sessions in which something fails, driven by a fake target: what was changed is put back, once, and nobody
// is kept waiting meanwhile.
#include <new>

#include "tests/support/catch.hpp"
#include "tests/support/watched_fake.hpp"

namespace corotrace::session_faults_test {

TEST_CASE("a removal that takes too long serves others meanwhile, and is not tried again") {
    WatchedFake one;
    REQUIRE(one.begin().ok());
    one.target.probes.removing = Error{Errc::timeout, 0, "a thread did not leave the stub"};
    one.session.end(EndReason::kDeadline);
    int served = 0;
    for (int i = 0; i < 10; ++i)
        one.session.step(one.session.next_tick() + std::chrono::hours(1), [&] { ++served; });
    CHECK(one.session.phase() == TargetSession::Phase::kLeft);
    CHECK(one.target.probes.removals == 1);
    CHECK(served == 1);
    const SessionEnd end = one.session.finish();
    CHECK(one.target.probes.removals == 1);
    CHECK(
        has_note(end, "some bytes of the stub stay in the target, unused: a thread did not leave the stub"));
}

TEST_CASE("planting is tried again where what was read changed under it") {
    WatchedFake one;
    one.target.probes.planting = Error{Errc::unreadable, 0, "fake"};
    one.target.probes.failures_left = 3;
    CHECK(one.begin().ok());
    CHECK(one.target.probes.is_planted());

    WatchedFake ended;
    ended.target.probes.planting = Error{Errc::gone, 0, "fake"};
    ended.target.probes.failures_left = 1;
    CHECK(ended.begin().error().code == Errc::gone);
}

TEST_CASE("planting that fails leaves nothing to remove a second time") {
    WatchedFake one;
    one.target.probes.planting = Error{Errc::unreadable, 0, "fake"};
    CHECK(one.session.begin([] {}).error().code == Errc::unreadable);
    CHECK_FALSE(one.target.probes.is_planted());
    CHECK(one.target.probes.removals == 0);
    CHECK(one.report.attached == 0);
}

TEST_CASE("a session that throws ends with its probes taken back, and its thread goes on") {
    WatchedFake one;
    REQUIRE(one.begin().ok());
    one.target.reader.out_of_memory = true;
    const StopEvent stop = one.target.drop();
    CHECK_THROWS_AS(one.session.take(stop), std::bad_alloc);
    CHECK(one.target.threads.resumed.empty());
    // As the loop does. The pump then tells of the thread again, for it stands.
    one.session.fail("out of memory");
    one.session.take(stop);
    CHECK(one.target.threads.resumed == std::vector<std::pair<pid_t, int>>{{100, 0}});
    const SessionEnd end = one.leave();
    CHECK(one.target.probes.removed);
    CHECK(one.target.probes.removals == 1);
    CHECK(end.reason == EndReason::kFailed);
    CHECK(has_note(end, "the session could not go on: out of memory"));
    CHECK(one.report.ended == 1);
}

TEST_CASE("a session that fails while it leaves is incomplete, and its probes are taken back all the same") {
    WatchedFake one;
    REQUIRE(one.begin().ok());
    one.session.take(one.target.drop());
    one.session.end(EndReason::kInterrupted);
    one.target.probes.captures_fail = true;
    const auto step = [&] { one.session.step(one.session.next_tick() + std::chrono::hours(1), [] {}); };
    step();
    CHECK_THROWS_AS(step(), std::bad_alloc);
    CHECK(one.target.probes.removals == 0);
    one.session.fail("out of memory");
    step();
    CHECK(one.session.phase() == TargetSession::Phase::kLeft);
    CHECK(one.target.probes.removals == 1);
    const SessionEnd end = one.session.finish(TargetSession::Detail::kTotals);
    CHECK(end.reason == EndReason::kFailed);
    CHECK(has_note(end, "there was no memory left to report its sites"));
    CHECK(end.summary.sites == 1);
    CHECK_FALSE(end.summary.lost_tasks);
    CHECK(one.report.ended == 1);
}

TEST_CASE(
    "of many interpreters the main one has its cross-check first, and what found no room is not proved") {
    WatchedFake one;
    one.target.reader.interpreters.clear();
    for (std::uint64_t i = 12; i > 0; --i) {
        one.target.reader.interpreters.push_back(
            {.address = {0x1000 * i}, .id = static_cast<std::int64_t>(i) - 1});
    }
    const RemoteAddr main_slot{0x1000 + 8};
    one.target.probes.cross_check = false;
    one.target.probes.room = 2;
    REQUIRE(one.session.begin([] {}).ok());
    CHECK(one.target.probes.slots.contains(main_slot));
    one.session.tick(one.session.next_tick());
    for (const std::size_t i : {0U, 1U, 2U}) {
        one.target.reader.dropping = one.target.reader.interpreters[i].address;
        one.session.take(one.target.drop());
    }
    one.target.probes.counters.warned = 1;  // in the others Python's warnings are not counted
    CHECK(one.target.probes.slots.size() == 2);
    CHECK(one.target.probes.slots.contains(main_slot));
    one.session.end(EndReason::kDeadline);
    const SessionEnd end = one.leave();
    CHECK(end.summary.never_awaited == 3);
    CHECK(end.summary.coverage.state != CoverageState::kExact);
}

}  // namespace corotrace::session_faults_test
