// SPDX-License-Identifier: MIT
#include "tracer/process/cpu_quota.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/scratch_dir.hpp"

namespace corotrace::process_cpu_quota_test {

namespace {

void write(const std::filesystem::path& path, const std::string& text) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
}

TEST_CASE("cpu quota: version 2, the tightest of the group and those above") {
    const ScratchDir scratch;
    const std::filesystem::path root = scratch.path();
    write(root / "pod/cpu.max", "20000 100000\n");
    write(root / "pod/cpu.stat", "usage_usec 5\nnr_periods 40\nnr_throttled 7\nthrottled_usec 9\n");
    write(root / "pod/one/cpu.max", "max 100000\n");
    const std::string mounts =
        "30 22 0:27 / " + root.string() + " rw,relatime shared:4 - cgroup2 cgroup2 rw\n";
    const auto quota = find_cpu_quota("0::/pod/one\n", mounts);
    REQUIRE(quota);
    CHECK((quota->cores == 0.2));
    CHECK((quota->periods == 40U));
    CHECK((quota->throttled == 7U));
    const auto none = find_cpu_quota("0::/\n", mounts);
    REQUIRE(none);
    CHECK_FALSE(none->cores);
    CHECK_FALSE(find_cpu_quota("0::/gone\n", mounts));
}

TEST_CASE("cpu quota: version 1, mounted at a container's own group") {
    const ScratchDir scratch;
    const std::filesystem::path root = scratch.path();
    write(root / "cpu.cfs_quota_us", "5000\n");
    write(root / "cpu.cfs_period_us", "100000\n");
    const std::string mounts = "31 30 0:28 /docker/ab " + root.string() +
                               " rw - cgroup cgroup rw,cpu,cpuacct\n" +
                               "32 30 0:29 / /nowhere rw - cgroup cgroup rw,cpuset\n";
    const auto quota = find_cpu_quota("4:cpuset:/docker/ab\n3:cpu,cpuacct:/docker/ab\n", mounts);
    REQUIRE(quota);
    CHECK((quota->cores == 0.05));
    CHECK_FALSE(quota->throttled);
    write(root / "cpu.cfs_quota_us", "-1\n");
    CHECK_FALSE(find_cpu_quota("3:cpu,cpuacct:/docker/ab\n", mounts)->cores);
    CHECK_FALSE(find_cpu_quota("3:cpu,cpuacct:/other\n", mounts));
}

TEST_CASE("cpu quota: what is malformed or missing is unknown") {
    CHECK_FALSE(find_cpu_quota("", ""));
    CHECK_FALSE(find_cpu_quota("garbage", "1 2 3 - cgroup2"));
    const ScratchDir scratch;
    const std::string mounts = "30 22 0:27 / " + scratch.path() + " rw - cgroup2 cgroup2 rw\n";
    for (const char* text : {"", " ", "x y", "0 0", "5000", "5000 ", "-5 100000"}) {
        INFO(text);
        write(scratch / "cpu.max", text);
        const auto quota = find_cpu_quota("0::/\n", mounts);
        REQUIRE(quota);
        CHECK_FALSE(quota->cores);
    }
}

}  // namespace

}  // namespace corotrace::process_cpu_quota_test
