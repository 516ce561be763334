// SPDX-License-Identifier: MIT
#include "tracer/process/relatives.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "tests/support/catch.hpp"

namespace corotrace::process_relatives_test {

namespace {

// Waits in a child until its pipe ends. A child of vfork(2) may call nothing that needs its memory.
[[noreturn]] void wait_in_child(const int* ends) {
    char byte = 0;
    ::close(ends[1]);
    if (::read(ends[0], &byte, 1) != 0) ::_exit(1);
    ::_exit(0);
}

bool is_child(pid_t pid) {
    const auto children = read_children(::getpid());
    return children && std::ranges::find(*children, pid) != children->end();
}

}  // namespace

TEST_CASE("a forked child is found and has memory of its own") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t pid = ::fork();
    if (pid == 0) wait_in_child(ends);
    CHECK(is_child(pid));
    const auto shared = shares_memory(::getpid(), pid);
    REQUIRE(shared.ok());
    CHECK_FALSE(*shared);
    ::close(ends[0]);
    ::close(ends[1]);
    int status = 1;
    ::waitpid(pid, &status, 0);
    CHECK(status == 0);
    CHECK_FALSE(is_child(pid));
    CHECK(shares_memory(::getpid(), pid).error().code == Errc::gone);
}

TEST_CASE("a child of vfork runs in its parent's memory") {
    if (CT_SKIPS_UNDER_TSAN()) return;
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const auto before = read_children(::getpid());
    REQUIRE(before.ok());
    // The thread that calls vfork(2) waits for its child.
    std::thread parent([&] {
        const pid_t pid = ::vfork();
        if (pid == 0) {
            char byte = 0;
            if (::read(ends[0], &byte, 1) != 1) ::_exit(1);
            ::_exit(0);
        }
        ::waitpid(pid, nullptr, 0);
    });
    pid_t child = 0;
    while (child == 0) {
        const auto children = read_children(::getpid());
        for (const pid_t pid : *children) {
            if (std::ranges::find(*before, pid) == before->end()) child = pid;
        }
    }
    const auto shared = shares_memory(::getpid(), child);
    CHECK((shared.ok() && *shared));
    CHECK(::write(ends[1], "x", 1) == 1);
    parent.join();
    ::close(ends[0]);
    ::close(ends[1]);
}

}  // namespace corotrace::process_relatives_test
