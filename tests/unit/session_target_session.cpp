// SPDX-License-Identifier: MIT
// A session driven by a fake target: no process, no ptrace.
#include "tracer/session/target_session.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/watched_fake.hpp"

namespace corotrace::session_target_session_test {

using namespace std::chrono_literals;

TEST_CASE("a drop is told, counted, and its thread let go") {
    WatchedFake one;
    REQUIRE(one.begin().ok());
    CHECK(one.report.attached == 1);
    one.session.take(one.target.drop());
    one.session.take(one.target.drop());
    CHECK(one.target.threads.resumed == std::vector<std::pair<pid_t, int>>{{100, 0}, {100, 0}});
    CHECK(one.report.findings == 1);  // one site
    one.session.end(EndReason::kDeadline);
    const SessionEnd end = one.leave();
    CHECK(one.target.probes.has_stopped_counting);
    CHECK(one.target.probes.removed);
    CHECK(end.summary.never_awaited == 2);
    CHECK(end.summary.sites == 1);
    CHECK(end.summary.ended == "deadline");
    CHECK(end.summary.coverage.state == CoverageState::kExact);
    CHECK(one.report.ended == 1);
}

TEST_CASE("rows of places ask for one stop each, and their counts are exact") {
    WatchedFake one;
    one.target.probes.no_places.reset();
    one.target.reader.key = 0x5550;
    REQUIRE(one.begin().ok());
    CHECK(one.target.probes.initial_stops == 1);
    one.session.take(one.target.drop());
    CHECK(one.target.probes.granted.empty());
    one.target.probes.counters.coroutines = one.target.probes.counters.warned = 1000;
    one.target.probes.rows.front() = {.key = 0x5550, .count = 1000, .stops = 1, .granted = 0};
    one.session.tick(std::chrono::steady_clock::now());
    one.session.end(EndReason::kDeadline);
    static_cast<void>(one.leave());
    REQUIRE(one.report.sites.size() == 1);
    CHECK(one.report.sites.front().count == 1000);
    CHECK(one.report.sites.front().exact);
}

TEST_CASE("a wrong key makes rows functions again, with more stops") {
    WatchedFake one;
    one.target.probes.no_places.reset();
    one.target.reader.key = 0x5550;
    one.target.probes.key = ProbeControl::KeyCheck::kWrong;
    REQUIRE(one.begin().ok());
    one.session.take(one.target.drop());
    CHECK(one.target.probes.gave_up_places);
    CHECK(one.target.probes.initial_stops > 1);
    CHECK(one.target.probes.granted.size() == 0);
}

TEST_CASE("a signal of somebody else is delivered") {
    WatchedFake one;
    REQUIRE(one.begin().ok());
    one.target.threads.registers[100].pc = 0x5000;
    one.session.take({.tid = 100, .kind = StopKind::kSignal, .signal = SIGURG, .status = 0});
    one.session.take({.tid = 100, .kind = StopKind::kSignal, .signal = SIGTERM, .status = 0});
    CHECK(one.target.threads.resumed == std::vector<std::pair<pid_t, int>>{{100, SIGURG}, {100, SIGTERM}});
    CHECK(one.report.findings == 0);
}

TEST_CASE("what cannot be seized or planted is an error, and nothing is told") {
    WatchedFake one;
    one.target.threads.seizing = Error{Errc::denied, EPERM, "fake"};
    CHECK(one.session.begin([] {}).error().code == Errc::denied);
    WatchedFake other;
    other.target.probes.planting = Error{Errc::not_found, 0, "no cave"};
    CHECK(other.session.begin([] {}).error().code == Errc::not_found);
    CHECK(one.report.attached + other.report.attached == 0);
}

TEST_CASE("a program that executes another is let go where it stands") {
    WatchedFake one;
    REQUIRE(one.begin().ok());
    one.session.take({.tid = 100, .kind = StopKind::kExec, .signal = 0, .status = 0});
    CHECK(one.target.threads.released == std::vector<pid_t>{100});
    CHECK(one.session.is_ending());
    CHECK(one.leave().reason == EndReason::kTargetExec);
    CHECK_FALSE(one.target.probes.removed);  // its memory is another's
}

namespace {

// Its thread is told to be about to execute a program, and enters execve(2), having dropped one more.
SessionEnd execute(WatchedFake& one, std::uint64_t system_call) {
    FakeTarget& target = one.target;
    target.probes.announces = true;
    one.session.take(target.drop());
    CHECK(target.threads.resumed_to_call.back().first == 100);
    target.threads.registers[100].general.assign(27, system_call);
    one.session.take({.tid = 100, .kind = StopKind::kCall, .signal = 0, .status = 0});
    CHECK(target.threads.resumed_to_call.size() == 2);
    target.probes.readable = false;
    one.session.take({.tid = 100, .kind = StopKind::kExec, .signal = 0, .status = 0});
    return one.leave();
}

constexpr std::uint64_t kExecve = 59, kOpen = 2;

}  // namespace

TEST_CASE("where a program was about to execute another one its counts are read once more") {
    WatchedFake one;
    REQUIRE(one.begin().ok());
    const auto end = execute(one, kExecve);
    CHECK(end.summary.never_awaited == 1);
    CHECK(end.summary.coverage.state == CoverageState::kExact);
    CHECK(end.summary.stops == 1);
    CHECK(end.summary.sampled == 0);
}

TEST_CASE("but not where it made another system call last, or other threads may have dropped more") {
    WatchedFake one;
    REQUIRE(one.begin().ok());
    CHECK(execute(one, kOpen).summary.coverage.state == CoverageState::kIncomplete);
    WatchedFake several;
    several.target.threads.all = {100, 101};
    several.target.reader.one_lock = false;
    REQUIRE(several.begin().ok());
    CHECK(execute(several, kExecve).summary.coverage.state == CoverageState::kIncomplete);
}

TEST_CASE("counts looked at when only the first thread ended are not the last ones") {
    for (const bool others_live : {false, true}) {
        WatchedFake one;
        one.target.threads.all = {100, 101};
        REQUIRE(one.begin().ok());
        one.target.threads.others_live = others_live;
        one.session.take({.tid = 100, .kind = StopKind::kExiting, .signal = 0, .status = 0});
        one.session.take({.tid = 101, .kind = StopKind::kExited, .signal = 0, .status = 0});
        one.session.take({.tid = 100, .kind = StopKind::kExited, .signal = 0, .status = 0});
        const SessionEnd end = one.leave();
        const bool is_noted = std::ranges::any_of(end.summary.notes, [](const std::string& note) {
            return note.find("up to 0.1 s before the target ended") != std::string::npos;
        });
        CHECK(is_noted == others_live);
    }
}

TEST_CASE(
    "what the stub noted is reported when nothing tells more of it, not while another thread's stop may "
    "come") {
    for (const bool others_live : {false, true}) {
        WatchedFake one;
        one.target.threads.all = {100, 101};
        REQUIRE(one.begin().ok());
        one.target.threads.others_live = others_live;
        one.target.probes.captures = {{.key = 8, .code = 8, .frames = {}, .depth = 0}};
        one.session.take({.tid = 101, .kind = StopKind::kExiting, .signal = 0, .status = 0});
        CHECK(one.report.findings == (others_live ? 0 : 1));
        one.session.take(one.target.drop());
        CHECK(one.report.findings == 1);
        one.session.end(EndReason::kDeadline);
        static_cast<void>(one.leave());
        CHECK(one.report.findings == 1);
    }
}

TEST_CASE("a target whose last thread goes has ended, even if its first one went unseen") {
    WatchedFake one;
    one.target.threads.all = {101};
    REQUIRE(one.begin().ok());
    one.session.take({.tid = 101, .kind = StopKind::kExited, .signal = 0, .status = 3});
    CHECK(one.session.is_ending());
    CHECK(one.leave().reason == EndReason::kTargetExited);
}

TEST_CASE("the cross-check is set up when the program has imported the module warnings") {
    WatchedFake one;
    one.target.probes.cross_check = false;
    one.target.reader.warnings_imported = false;
    REQUIRE(one.session.begin([] {}).ok());
    one.session.tick(one.session.next_tick());
    CHECK(one.target.probes.slots.empty());
    one.target.reader.warnings_imported = true;
    one.session.tick(one.session.next_tick());
    CHECK(one.target.probes.slots.contains(RemoteAddr{0x108}));
    one.session.tick(one.session.next_tick());
    CHECK(one.target.probes.independent);
    one.session.take(one.target.drop());
    one.session.end(EndReason::kDeadline);
    const SessionEnd end = one.leave();
    CHECK(end.summary.coverage.state == CoverageState::kExact);
    CHECK(end.summary.coverage.warned == 1);
}

TEST_CASE("a program that never imported the module warnings was warned of nothing") {
    WatchedFake one;
    one.target.probes.cross_check = false;
    one.target.reader.warnings_imported = false;
    SECTION("its modules are there to be looked at") {
        one.target.reader.modules = 20;
        REQUIRE(one.begin().ok());
        one.session.take({.tid = 100, .kind = StopKind::kExiting, .signal = 0, .status = 0});
        one.session.take({.tid = 100, .kind = StopKind::kExited, .signal = 0, .status = 0});
        CHECK(one.leave().summary.coverage.state == CoverageState::kExact);
    }
    SECTION("it has none any more") {
        one.target.reader.modules = 0;
        REQUIRE(one.begin().ok());
        one.session.end(EndReason::kDeadline);
        CHECK(one.leave().summary.coverage.state == CoverageState::kUnknown);
    }
}

TEST_CASE("drops from before the cross-check are not proved") {
    WatchedFake one;
    one.target.probes.cross_check = false;
    one.target.reader.warnings_imported = false;
    REQUIRE(one.session.begin([] {}).ok());
    one.session.take(one.target.drop());
    one.target.probes.counters.warned = 0;
    one.target.reader.warnings_imported = true;
    for (int i = 0; i < 4; ++i) one.session.tick(one.session.next_tick());
    CHECK(one.target.probes.independent);
    one.session.end(EndReason::kDeadline);
    const SessionEnd end = one.leave();
    CHECK(end.summary.coverage.state == CoverageState::kIncomplete);
    CHECK(end.summary.coverage.why == "1 were dropped before the program had imported the module warnings");
}

TEST_CASE("a drop that is under way at the first tick of a late cross-check is counted once") {
    WatchedFake one;
    one.target.probes.cross_check = false;
    one.target.reader.warnings_imported = false;
    REQUIRE(one.session.begin([] {}).ok());
    one.target.reader.warnings_imported = true;
    one.session.tick(one.session.next_tick());
    // It stands in the stub, counted there and not yet warned of, and goes on after the tick.
    const StopEvent stop = one.target.drop();
    one.target.probes.counters.warned = 0;
    one.session.tick(one.session.next_tick());
    one.session.take(stop);
    ++one.target.probes.counters.warned;
    one.session.tick(one.session.next_tick());
    one.session.end(EndReason::kDeadline);
    const SessionEnd end = one.leave();
    CHECK(end.summary.coverage.state == CoverageState::kExact);
    CHECK(end.summary.coverage.warned == 1);
}

TEST_CASE("where a thread stands at its drop the cross-check is set up at that stop") {
    WatchedFake one;
    one.target.probes.cross_check = false;
    one.target.reader.warnings_imported = false;
    REQUIRE(one.session.begin([] {}).ok());
    const StopEvent stop = one.target.drop();
    one.target.probes.counters.warned = 0;
    one.target.reader.warnings_imported = true;
    one.session.tick(one.session.next_tick());
    CHECK(one.target.probes.slots.empty());
    one.session.take(stop);
    CHECK_FALSE(one.target.probes.slots.empty());
    ++one.target.probes.counters.warned;
    one.session.tick(one.session.next_tick());
    one.session.end(EndReason::kDeadline);
    CHECK(one.leave().summary.coverage.state == CoverageState::kExact);

    // A stop that never comes is not waited for.
    WatchedFake other;
    other.target.probes.cross_check = false;
    other.target.reader.warnings_imported = false;
    REQUIRE(other.session.begin([] {}).ok());
    static_cast<void>(other.target.drop());
    other.target.reader.warnings_imported = true;
    for (int i = 0; i < 20; ++i) other.session.tick(other.session.next_tick());
    CHECK_FALSE(other.target.probes.slots.empty());
}

TEST_CASE("an interpreter that was not there when the probes were planted is found") {
    WatchedFake one;
    one.target.probes.cross_check = false;
    const auto later = std::exchange(one.target.reader.interpreters, {});
    REQUIRE(one.session.begin([] {}).ok());
    CHECK(one.target.probes.slots.empty());
    one.target.reader.interpreters = later;
    one.session.tick(one.session.next_tick());
    CHECK_FALSE(one.target.probes.slots.empty());
}

TEST_CASE("what the stub noted of a place is told when the target ends before anything more is seen of it") {
    WatchedFake one;
    REQUIRE(one.begin().ok());
    one.target.probes.captures.push_back({.key = 0x5550, .code = 8, .frames = {}, .depth = 1});
    one.target.probes.rows = {{.key = 0x5550, .count = 1, .stops = 1, .granted = 0}, {}};
    one.target.probes.counters.coroutines = one.target.probes.counters.warned = 1;
    one.session.tick(one.session.next_tick());
    CHECK(one.report.findings == 0);
    one.session.end_with_target();
    static_cast<void>(one.leave());
    REQUIRE(one.report.sites.size() == 1);
    CHECK(one.report.sites.front().first.coroutine.qualname.has_value());
}

TEST_CASE("a process that sandboxes itself is stopped no more") {
    WatchedFake one;
    REQUIRE(one.begin().ok());
    CHECK(one.target.probes.budget > 0);
    one.target.threads.filters = 1;
    one.session.tick(one.session.next_tick());
    CHECK(one.target.probes.budget == 0);
}

TEST_CASE("nobody traces while the tracer thread changes, so no stop is asked for") {
    WatchedFake one;
    REQUIRE(one.begin().ok());
    one.session.tracing().pause();
    CHECK(one.target.probes.budget == 0);
    one.session.resume_tracing();
    CHECK(one.target.probes.budget > 0);
    CHECK_FALSE(one.session.is_ending());
    one.target.threads.seizing = Error{Errc::gone, ESRCH, "fake"};
    one.session.resume_tracing();
    CHECK(one.leave().reason == EndReason::kTargetExited);
}

namespace {

// An async wrapper in wrapper.py gives back the coroutine, and main() drops it. Seen badly: not all was read.
void drop_of_wrapper(WatchedFake& one, bool with_origin, bool seen_badly) {
    FakeReader& reader = one.target.reader;
    reader.change = [&reader, with_origin, seen_badly](DropEvidence& evidence) {
        if (with_origin) {
            evidence.origin = {{"/srv/wrapper.py", 2, "inner"}};
            evidence.sources.add("/srv/wrapper.py", reader.read_source("/srv/wrapper.py"));
        }
        if (seen_badly) evidence.notes = {"not all was read, to keep the stop short"};
    };
    one.session.take(one.target.drop());
}

// With its second drop not before the first, or the other way round.
Finding site_of_two(bool origin_first, bool origin_seen_badly) {
    WatchedFake one;
    one.target.reader.files = {{"/srv/wrapper.py", "async def inner(save):\n    jobs.append(forgotten())\n"}};
    REQUIRE(one.begin().ok());
    drop_of_wrapper(one, origin_first, origin_first == origin_seen_badly);
    drop_of_wrapper(one, !origin_first, origin_first != origin_seen_badly);
    one.session.end(EndReason::kDeadline);
    static_cast<void>(one.leave());
    REQUIRE(one.report.sites.size() == 1);
    CHECK(one.report.sites.front().count == 2);
    return one.report.sites.front().first;
}

}  // namespace

TEST_CASE("a site is diagnosed by the best drop and the best creation, whichever of them came first") {
    for (const bool origin_first : {false, true}) {
        for (const bool origin_seen_badly : {false, true}) {
            const Finding site = site_of_two(origin_first, origin_seen_badly);
            REQUIRE(site.mistake);
            CHECK(site.mistake->id == "kept_in_container");
            REQUIRE(site.mistake->place);
            CHECK(site.mistake->place->file == "/srv/wrapper.py");
            CHECK(site.notes.empty());
            CHECK(site.created.how == CreationSource::kOrigin);
            CHECK_FALSE(site.seen);
        }
    }
}

}  // namespace corotrace::session_target_session_test
