// SPDX-License-Identifier: MIT
#include "tracer/session/matching_processes.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/catch.hpp"

namespace corotrace::session_matching_processes_test {

namespace {

TEST_CASE("processes that are no Python are known and never join; the gone are forgotten") {
    int left_alone = 0;
    MatchingProcesses processes({}, {.name = "no-program-has-this-name"}, nullptr,
                                [&](pid_t, const Error&) { ++left_alone; });
    CHECK(processes.look().empty());
    CHECK_FALSE(processes.is_complete());
    CHECK(processes.known() > 0);
    CHECK(left_alone == 0);
}

TEST_CASE("why a process is left alone is told once") {
    int told = 0;
    MatchingProcesses processes({}, {.name = "no-program-has-this-name"}, nullptr,
                                [&](pid_t pid, const Error& why) {
                                    CHECK(pid == 4711);
                                    CHECK(why.code == Errc::denied);
                                    ++told;
                                });
    const Error traced{Errc::denied, 0, "it is already traced"};
    processes.on_failed(4711, traced);
    processes.on_failed(4711, traced);
    CHECK(told == 1);
    processes.on_began(4711);
    processes.on_ended(4711, EndReason::kTargetExec);
    processes.on_failed(4711, traced);
    CHECK(told == 2);
    processes.on_failed(4711, {Errc::gone, 0, "it ended"});
    CHECK(told == 2);
}

TEST_CASE("one that is only starting is not told of for a while") {
    int told = 0;
    MatchingProcesses processes({}, {.name = "no-program-has-this-name"}, nullptr,
                                [&](pid_t, const Error&) { ++told; });
    const Error unready{Errc::unsupported, 0, "it is not a CPython"};
    processes.on_failed(4711, unready);
    CHECK(told == 0);
    for (int i = 0; i < 10; ++i) processes.on_failed(4711, unready);
    CHECK(told == 1);
}

// Where the kernel tells nothing it says why; where it does, a child that starts is among its news.
TEST_CASE("the kernel's news of processes") {
    auto events = ProcessEvents::open();
    if (!events) {
        CHECK((events.error().code == Errc::denied || events.error().code == Errc::unsupported));
        CHECK_FALSE(events.error().what.empty());
        return;
    }
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    ::waitpid(child, nullptr, 0);
    const auto news = events->take();
    CHECK((news.lost || std::ranges::find(news.pids, child) != news.pids.end()));
}

}  // namespace

}  // namespace corotrace::session_matching_processes_test
