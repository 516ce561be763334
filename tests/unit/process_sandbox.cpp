// SPDX-License-Identifier: MIT
#include "tests/support/catch.hpp"
#include "tracer/process/sandbox.hpp"

namespace corotrace::process_sandbox_test {

namespace {

ProcessStatus process(pid_t pid, std::optional<unsigned> mode, std::optional<unsigned> filters) {
    ProcessStatus status;
    status.tgid = pid;
    status.seccomp = mode;
    status.seccomp_filters = filters;
    return status;
}

}  // namespace

TEST_CASE("a process without seccomp, or with its container's filter only, may be stopped") {
    CHECK_FALSE(find_own_sandbox(process(10, 0, 0), process(1, 0, 0)));
    CHECK_FALSE(find_own_sandbox(process(10, {}, {}), std::nullopt));
    CHECK_FALSE(find_own_sandbox(process(10, 2, 1), process(1, 2, 1)));
    CHECK_FALSE(find_own_sandbox(process(10, 2, {}), process(1, 2, {})));
    CHECK_FALSE(find_own_sandbox(process(1, 2, 1), process(1, 2, 1)));
}

TEST_CASE("strict mode and filters of its own are a sandbox") {
    CHECK(find_own_sandbox(process(10, 1, 0), process(1, 0, 0)));
    CHECK(find_own_sandbox(process(10, 2, 1), process(1, 0, 0)));
    CHECK(find_own_sandbox(process(10, 2, 2), process(1, 2, 1)));
    CHECK(find_own_sandbox(process(10, 2, 1), std::nullopt));
    CHECK(find_own_sandbox(process(1, 2, 2), process(1, 2, 2)));
}

}  // namespace corotrace::process_sandbox_test
