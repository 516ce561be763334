// SPDX-License-Identifier: MIT
// Which files are shown for a process: only those that it could read itself.
#include "symbols/target_source.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/scratch_dir.hpp"

namespace corotrace::symbols_target_source_test {

namespace fs = std::filesystem;

namespace {

constexpr unsigned kRead = 4, kSearch = 1;

}  // namespace

TEST_CASE("rights to a file are those of its owner, else its group, else others") {
    const FileIds ids{.uid = 1000, .gid = 100, .groups = {27, 44}, .overrides = false};
    CHECK(ids.may(kRead, 0400, 1000, 0));
    CHECK_FALSE(ids.may(kRead, 0044, 1000, 100));  // the owner's own bits count alone
    CHECK(ids.may(kRead, 0040, 0, 100));
    CHECK(ids.may(kRead, 0040, 0, 44));
    CHECK_FALSE(ids.may(kRead, 0404, 0, 44));
    CHECK(ids.may(kRead, 0004, 0, 0));
    CHECK_FALSE(ids.may(kRead, 0440, 0, 0));
    CHECK(ids.may(kSearch, 0711, 0, 0));
    CHECK_FALSE(ids.may(kSearch, 0766, 0, 0));
    const FileIds root{.uid = 0, .gid = 0, .groups = {}, .overrides = true};
    CHECK(root.may(kRead, 0, 1000, 1000));
    const FileIds bare_root{.uid = 0, .gid = 0, .groups = {}, .overrides = false};
    CHECK_FALSE(bare_root.may(kRead, 0700, 1000, 1000));
}

TEST_CASE("ids come from the kernel's status") {
    const auto ids = parse_file_ids(
        "Name:\tx\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nGroups:\t9 10 \nCapEff:\t0000000000000004\n");
    REQUIRE(ids);
    CHECK(ids->uid == 4);
    CHECK(ids->gid == 8);
    CHECK(ids->groups == std::vector<gid_t>{9, 10});
    CHECK(ids->overrides);
    CHECK_FALSE(parse_file_ids("Uid:\t1\t2\t3\t4\nGroups:\t\nCapEff:\t0\n"));
    CHECK_FALSE(parse_file_ids("Uid:\t1\nGid:\t5\t6\t7\t8\nGroups:\t\nCapEff:\t0\n"));
    CHECK_FALSE(parse_file_ids(""));
}

TEST_CASE("a process without rights is shown nothing that it could not read itself") {
    if (::geteuid() != 0) {
        WARN("not root, so not tried");
        return;
    }
    const ScratchDir scratch;
    const fs::path dir = scratch.path();
    fs::permissions(dir, fs::perms(0755));
    fs::create_directories(dir / "closed");
    fs::create_directories(dir / "open");
    const auto write = [&](const char* name, unsigned mode) {
        std::ofstream(dir / name) << "secret = 1\n";
        fs::permissions(dir / name, fs::perms(mode));
    };
    write("closed/readable.py", 0644);
    write("open/readable.py", 0644);
    write("open/private.py", 0600);
    fs::create_symlink(dir / "closed/readable.py", dir / "open/link.py");
    fs::create_symlink("readable.py", dir / "open/near.py");
    fs::permissions(dir / "closed", fs::perms(0700));

    const auto nobody = ChildProcess::run_ready(
        {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c", "echo ready; read line"});
    REQUIRE(nobody.first_line() == "ready");
    const auto shown = [&](const char* name) {
        return read_target_source(nobody.pid(), (dir / name).string()).has_value();
    };
    CHECK(shown("open/readable.py"));
    CHECK(shown("open/near.py"));
    CHECK(shown("open/../open/readable.py"));
    CHECK_FALSE(shown("closed/readable.py"));
    CHECK_FALSE(shown("open/../closed/readable.py"));
    CHECK_FALSE(shown("open/link.py"));
    CHECK_FALSE(shown("open/private.py"));
    CHECK_FALSE(shown("closed/../open/readable.py"));
    CHECK(read_target_source(::getpid(), (dir / "closed/readable.py").string())->text == "secret = 1\n");
    CHECK(read_target_source(::getpid(), (dir / "open/link.py").string())->text == "secret = 1\n");
}

TEST_CASE("a relative name does not lead out of the working directory") {
    const auto child = ChildProcess::run_ready({"sh", "-c", "cd /usr/share; echo ready; read line"});
    CHECK_FALSE(read_target_source(child.pid(), "../../etc/passwd"));
    CHECK_FALSE(read_target_source(child.pid(), "no such file"));
    CHECK_FALSE(read_target_source(child.pid(), ""));
}

}  // namespace corotrace::symbols_target_source_test
