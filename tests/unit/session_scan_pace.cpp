// SPDX-License-Identifier: MIT
#include "tracer/session/scan_pace.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <thread>

#include "tests/support/catch.hpp"
#include "tracer/process/newest_pid.hpp"

namespace corotrace::session_scan_pace_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const ScanPace::Clock::time_point kStart{seconds(1000)};

TEST_CASE("where the kernel tells of new processes all are looked through now and then") {
    ScanPace pace(true);
    CHECK(pace.is_due(kStart, std::nullopt));
    pace.on_done(kStart, milliseconds(1));
    CHECK_FALSE(pace.is_due(kStart + seconds(9), std::nullopt));
    CHECK(pace.is_due(kStart + seconds(10), std::nullopt));
    pace.hurry();
    CHECK(pace.is_due(kStart + milliseconds(1), std::nullopt));
}

TEST_CASE("looking through all takes one part in two hundred at most, also where it takes microseconds") {
    ScanPace pace(false);
    pace.on_done(kStart, std::chrono::microseconds(500));
    CHECK_FALSE(pace.is_due(kStart + milliseconds(99), std::nullopt));
    CHECK(pace.is_due(kStart + milliseconds(100), std::nullopt));
    pace.on_done(kStart, seconds(1));
    CHECK_FALSE(pace.is_due(kStart + seconds(199), 4711));
    CHECK(pace.is_due(kStart + seconds(200), 4711));
}

TEST_CASE("nothing is looked through while no pid is given out, and twice after one was") {
    ScanPace pace(false);
    CHECK(pace.is_due(kStart, 4711));
    pace.on_done(kStart, milliseconds(0));
    auto now = kStart + milliseconds(50);
    CHECK(pace.is_due(now, 4711));
    pace.on_done(now, milliseconds(0));
    CHECK(pace.is_due(now += milliseconds(50), 4711));  // it was the first that was seen
    pace.on_done(now, milliseconds(0));
    for (int i = 0; i < 20; ++i) CHECK_FALSE(pace.is_due(now += milliseconds(50), 4711));
    CHECK(pace.is_due(now += milliseconds(50), 4712));
    pace.on_done(now, milliseconds(0));
    CHECK(pace.is_due(now += milliseconds(50), 4712));
    pace.on_done(now, milliseconds(0));
    CHECK_FALSE(pace.is_due(now + milliseconds(9950), 4712));
    CHECK(pace.is_due(now + seconds(10), 4712));
}

TEST_CASE("the newest pid is that of a thread that was started just now") {
    const auto newest = NewestPid::open();
    if (!newest) {  // another kernel than Linux behind /proc
        CHECK(newest.error().code == Errc::unsupported);
        return;
    }
    bool was_seen = false;
    for (int i = 0; i < 100 && !was_seen; ++i) {
        std::thread([&] {
            const auto shown = newest->read();
            was_seen = shown && *shown == ::syscall(SYS_gettid);
        }).join();
    }
    CHECK(was_seen);
}

}  // namespace

}  // namespace corotrace::session_scan_pace_test
