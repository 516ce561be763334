// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/scratch_dir.hpp"
#include "tracer/report/output_file.hpp"
#include "tracer/report/output_thread.hpp"

namespace corotrace::report_output_test {
namespace {

namespace fs = std::filesystem;

std::size_t count_entries(const ScratchDir& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder.path()), {}));
}

TEST_CASE("a new file is the user's alone, and there with the first write") {
    const ScratchDir folder;
    const auto old_mask = ::umask(0);
    auto file = OutputFile::open(folder / "out");
    ::umask(old_mask);
    REQUIRE(file);
    CHECK_FALSE(fs::exists(folder / "out"));
    REQUIRE(file->write("one\n"));
    REQUIRE(file->write("two\n"));
    CHECK(test::read_text(folder / "out") == "one\ntwo\n");
    CHECK(fs::status(folder / "out").permissions() == fs::perms(0600));
    CHECK(count_entries(folder) == 1);
}

TEST_CASE("without a write what was there stays, and nothing else") {
    const ScratchDir folder;
    std::ofstream(folder / "out") << "old";
    { REQUIRE(OutputFile::open(folder / "out")); }
    { REQUIRE(OutputFile::open(folder / "new")); }
    CHECK(test::read_text(folder / "out") == "old");
    CHECK(count_entries(folder) == 1);
}

TEST_CASE("an old file is replaced, not written into, and its mode is not kept") {
    const ScratchDir folder;
    std::ofstream(folder / "out") << "old and longer";
    fs::permissions(folder / "out", fs::perms(0644));
    fs::create_hard_link(folder / "out", folder / "other");
    REQUIRE(OutputFile::open(folder / "out").value().write("new"));
    CHECK(test::read_text(folder / "out") == "new");
    CHECK(test::read_text(folder / "other") == "old and longer");
    CHECK(fs::status(folder / "out").permissions() == fs::perms(0600));
}

TEST_CASE("a symbolic link is refused, dangling or not") {
    const ScratchDir folder;
    std::ofstream(folder / "target") << "precious";
    fs::create_symlink("target", folder / "link");
    fs::create_symlink("nowhere", folder / "dangling");
    for (const char* name : {"link", "dangling"}) {
        const auto file = OutputFile::open(folder / name);
        REQUIRE_FALSE(file);
        CHECK(file.error().code == Errc::usage);
        CHECK(file.error().what.find("symbolic link") != std::string::npos);
    }
    CHECK(test::read_text(folder / "target") == "precious");
    CHECK_FALSE(fs::exists(folder / "nowhere"));
}

TEST_CASE("a link planted after opening is replaced, not followed") {
    const ScratchDir folder;
    std::ofstream(folder / "target") << "precious";
    auto file = OutputFile::open(folder / "out");
    REQUIRE(file);
    fs::create_symlink("target", folder / "out");
    REQUIRE(file->write("new"));
    CHECK(test::read_text(folder / "target") == "precious");
    CHECK_FALSE(fs::is_symlink(folder / "out"));
    CHECK(test::read_text(folder / "out") == "new");
}

TEST_CASE("what cannot be written is refused with its name") {
    const ScratchDir folder;
    ::mkfifo((folder / "pipe").c_str(), 0600);
    for (const std::string& path : {folder / "", folder.path(), folder / "no/such", folder / "pipe"}) {
        const auto file = OutputFile::open(path);
        REQUIRE_FALSE(file);
        CHECK(file.error().code == Errc::usage);
        CHECK(file.error().what.find("cannot write to " + path + ": ") == 0);
    }
}

TEST_CASE("pipes and devices are written to as they are") {
    const ScratchDir folder;
    ::mkfifo((folder / "pipe").c_str(), 0600);
    const UniqueFd reader(::open((folder / "pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    REQUIRE(reader.is_open());
    REQUIRE(OutputFile::open(folder / "pipe").value().write("text"));
    char text[8] = {};
    CHECK(::read(reader.get(), text, sizeof text) == 4);
    CHECK(std::string(text) == "text");

    CHECK(OutputFile::open("/dev/null").value().write("text"));
    const auto full = OutputFile::open("/dev/full").value().write("text");
    REQUIRE_FALSE(full);
    CHECK(full.error().what == "cannot write to /dev/full: No space left on device");
}

TEST_CASE("the output thread writes all, in order") {
    const ScratchDir folder;
    StopRequest stop;
    OutputThread out(OutputFile::open(folder / "out").value(), -1, stop);
    std::string expected;
    for (int i = 0; i < 1000; ++i) {
        expected += std::to_string(i) + "\n";
        out.write(std::to_string(i) + "\n");
        out.set_status("nobody sees this");
    }
    out.write_end("end\n");
    const auto outcome = out.finish();
    CHECK(outcome.written.ok());
    CHECK(outcome.dropped == 0);
    CHECK(test::read_text(folder / "out") == expected + "end\n");
    CHECK_FALSE(stop.asked());
}

TEST_CASE("an output that fails asks the session to end and tells why") {
    StopRequest stop;
    OutputThread out(OutputFile::open("/dev/full").value(), -1, stop);
    out.write("x");
    const auto outcome = out.finish();
    REQUIRE_FALSE(outcome.written);
    CHECK(outcome.written.error().code == Errc::io);
    CHECK(stop.asked());
}

TEST_CASE("a reader that stopped reading holds nobody up") {
    const ScratchDir folder;
    ::mkfifo((folder / "pipe").c_str(), 0600);
    UniqueFd reader(::open((folder / "pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    const auto old_handler = ::signal(SIGPIPE, SIG_IGN);
    StopRequest stop;
    OutputThread out(OutputFile::open(folder / "pipe").value(), -1, stop);
    const std::string block(1U << 20U, 'x');  // more than a pipe holds
    for (int i = 0; i < 40; ++i) out.write(block);
    out.write_end(block);
    reader.reset();  // now the write that waits fails
    const auto outcome = out.finish();
    ::signal(SIGPIPE, old_handler);
    CHECK(outcome.dropped >= 23);
    REQUIRE_FALSE(outcome.written);
    CHECK(outcome.written.error().os_error == EPIPE);
}

TEST_CASE("the status line is taken away before anything else is written") {
    const ScratchDir folder;
    ::mkfifo((folder / "terminal").c_str(), 0600);
    const UniqueFd screen(::open((folder / "terminal").c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    StopRequest stop;
    // Output and status go to the same place, as on a terminal.
    OutputThread out(OutputFile::open(folder / "terminal").value(), screen.get(), stop);
    const auto read_screen = [&](std::size_t bytes) {
        std::string seen;
        pollfd ready{screen.get(), POLLIN, 0};
        char next = 0;
        while (seen.size() < bytes && ::poll(&ready, 1, 20000) == 1 && ::read(screen.get(), &next, 1) == 1)
            seen += next;
        return seen;
    };
    out.set_status("status");
    CHECK(read_screen(10) == "\r\x1b[Kstatus");
    out.write("block\n");
    CHECK(read_screen(20) == "\r\x1b[Kblock\n\r\x1b[Kstatus");
    REQUIRE(out.finish().written);
    CHECK(read_screen(4) == "\r\x1b[K");
}

}  // namespace
}  // namespace corotrace::report_output_test
