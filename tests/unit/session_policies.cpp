// SPDX-License-Identifier: MIT
// Which functions get stops, when origins are noted, and which files may be Python: what a session decides.
#include <unistd.h>

#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"
#include "tracer/session/origin_policy.hpp"
#include "tracer/session/program_files.hpp"
#include "tracer/session/stop_policy.hpp"

namespace corotrace::session_policies_test {

using namespace std::chrono_literals;

namespace {

Finding unknown_origin(bool first) {
    Finding finding;
    finding.fingerprint = "0123456789abcdef";
    finding.first_at_site = first;
    return finding;
}

}  // namespace

TEST_CASE("a function that used up its stops and goes on dropping is granted more") {
    StopPolicy policy(0.01, false);
    const auto nobody = [](std::uint64_t) { return false; };
    std::vector<StubRow> rows(3);
    rows[0] = {.key = 8, .count = 20, .stops = policy.initial_stops(), .granted = 0};
    rows[1] = {.key = 16, .count = 3, .stops = 3, .granted = 0};
    const auto grants = policy.share_out(rows, nobody);
    REQUIRE(grants.size() == 1);
    CHECK(grants[0].row == 0);
    CHECK(grants[0].stops > 0);
    CHECK(policy.share_out(rows, nobody).empty());  // it dropped nothing since
    policy.mute(true);
    CHECK(policy.affordable() == 0);
}

TEST_CASE("a stop that does not come is missing one tick later") {
    StopPolicy policy(1.0, false);
    static_cast<void>(policy.on_stop({}, StopPolicy::Clock::time_point{} + 10us));
    CHECK_FALSE(policy.is_alert(1));
    CHECK(policy.is_alert(2));
    CHECK_FALSE(policy.lost_one(2));  // it may be on its way
    CHECK(policy.lost_one(2));
    CHECK_FALSE(policy.lost_one(2));  // told once
}

TEST_CASE("a stop that came while the tracer was at work has waited for it") {
    StopPolicy policy(0.01, false);
    StopPolicy::Clock::time_point now{1h};
    policy.on_rest(now - 1s);
    policy.on_work(now);
    CHECK_FALSE(policy.is_burst(now));
    CHECK_FALSE(policy.on_stop(now, now + 100us));
    CHECK(policy.pause_max() == 100us);
    // What it told was made out until then.
    policy.on_rest(now + 900us);
    policy.on_work(now + 905us);
    CHECK(policy.is_burst(now + 905us));
    CHECK_FALSE(policy.on_stop(now + 905us, now + 1000us));
    CHECK(policy.pause_max() == 900us);
    CHECK(policy.pause_total() == 1000us);
    // And a tick, before which nothing was to do.
    policy.on_rest(now + 1000us);
    policy.on_work(now + 10ms);
    policy.on_rest(now + 12ms);
    policy.on_work(now + 12001us);
    CHECK_FALSE(policy.on_stop(now + 12001us, now + 12100us));
    CHECK(policy.pause_max() == 2100us);
}

TEST_CASE("a stop that comes as soon as there are stops has not waited since the beginning of time") {
    StopPolicy policy(0.01, false);
    const auto now = StopPolicy::Clock::now();
    policy.on_rest(now);
    policy.on_work(now + 5us);
    CHECK_FALSE(policy.on_stop(now + 5us, now + 100us));
    CHECK(policy.pause_max() < 10s);
    CHECK(policy.affordable() > 0);
}

TEST_CASE("when no further stop can be paid for, that is written at once, and once") {
    StopPolicy policy(0.01, false);
    StopPolicy::Clock::time_point now{1h};
    int written = 0;
    for (int i = 0; i < 100; ++i) written += policy.on_stop(now, now + 1ms) ? 1 : 0;
    CHECK(policy.affordable() < 0);
    CHECK(written == 1);
}

TEST_CASE("origins are no longer noted for a site that is not dropped at again") {
    OriginPolicy policy(OriginMode::kAuto, 0);
    OriginPolicy::Clock::time_point now{};
    CHECK(policy.choose(1, now).depth == 0);
    policy.learn(unknown_origin(true), false, now);
    now += 1s;
    CHECK(policy.choose(1, now).depth > 0);
    now += 31s;
    CHECK(policy.choose(1, now).depth == 0);
    // The next drop there makes it wanted again, for twice as long.
    policy.learn(unknown_origin(false), false, now);
    CHECK(policy.choose(1, now).depth > 0);
    now += 31s;
    CHECK(policy.choose(1, now).depth > 0);
    now += 31s;
    CHECK(policy.choose(1, now).depth == 0);
}

TEST_CASE("a drop whose code shows where the coroutine was made wants no origin, also when one was noted") {
    OriginPolicy policy(OriginMode::kAuto, 0);
    Finding shown = unknown_origin(true);
    shown.seen = SeenMistake{.mistake = {}, .shows_creation = true};
    shown.created = {CreationSource::kInferred, std::vector<Frame>(1)};
    policy.learn(shown, false, {});
    CHECK_FALSE(policy.wants(shown.fingerprint));
    shown.created.how = CreationSource::kOrigin;
    policy.learn(shown, true, {});
    CHECK_FALSE(policy.wants(shown.fingerprint));
    CHECK(policy.choose(0, {}).depth == 0);

    // The first was noted by the process itself, and did not show it.
    OriginPolicy later(OriginMode::kAuto, 0);
    later.learn(unknown_origin(true), false, {});
    CHECK(later.wants(shown.fingerprint));
    shown.created.how = CreationSource::kInferred;
    later.learn(shown, true, {});
    CHECK_FALSE(later.wants(shown.fingerprint));
}

TEST_CASE("a site whose origin was noted with its callers wants no more") {
    OriginPolicy policy(OriginMode::kAuto, 0);
    OriginPolicy::Clock::time_point now{};
    policy.learn(unknown_origin(true), false, now);
    Finding noted = unknown_origin(false);
    noted.created = {CreationSource::kOrigin, std::vector<Frame>(3)};
    policy.learn(noted, true, now + 1s);
    CHECK(policy.choose(1, now + 2s).depth == 0);
    policy.learn(unknown_origin(false), false, now + 3s);
    CHECK(policy.choose(1, now + 4s).depth == 0);
}

TEST_CASE("what a file is, is found out once, however many processes run it") {
    ProgramFiles files;
    std::vector<ChildProcess> crowd;
    for (int i = 0; i < 3; ++i) {
        crowd.push_back(ChildProcess::fork_writing([] {
            if (::write(STDOUT_FILENO, "\n", 1) != 1) ::_exit(1);
            ::pause();
        }));
    }
    const bool first = files.may_run_python(crowd[0].pid());
    const auto read = files.files_read();
    CHECK(read > 0);
    for (const ChildProcess& one : crowd) CHECK(files.may_run_python(one.pid()) == first);
    CHECK(files.files_read() == read);
}

}  // namespace corotrace::session_policies_test
