// SPDX-License-Identifier: MIT
#include "tracer/session/source_reader.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "symbols/live_image.hpp"
#include "symbols/process_memory.hpp"
#include "tests/support/catch.hpp"

namespace corotrace::session_source_reader_test {

namespace {

class ScratchDirectory {
public:
    ScratchDirectory() {
        std::string name = (std::filesystem::temp_directory_path() / "corotrace-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;
    ~ScratchDirectory() { std::filesystem::remove_all(path_); }
    std::string file(const std::string& name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

// Of this process.
struct OwnSources {
    Result<ProcessMemory> memory = ProcessMemory::open(getpid(), false);
    LiveImage image{getpid(), *memory};
    SourceReader lines{image};
};

}  // namespace

TEST_CASE("a line comes with its indentation, and only if it is there") {
    const ScratchDirectory scratch;
    std::ofstream(scratch.file("app.py")) << "first\n\t  second line  \r\n\nlast";
    OwnSources own;
    SourceReader& lines = own.lines;
    const std::string path = scratch.file("app.py");
    CHECK(lines.find_line(path, 1) == "first");
    CHECK(lines.find_line(path, 2) == "\t  second line");
    CHECK(lines.find_line(path, 3) == std::nullopt);
    CHECK(lines.find_line(path, 4) == "last");
    CHECK(lines.find_line(path, 5) == std::nullopt);
    CHECK(lines.find_line(path, 0) == std::nullopt);
    CHECK(lines.find_line(scratch.file("none.py"), 1) == std::nullopt);
    CHECK(lines.find_line("<string>", 1) == std::nullopt);
    CHECK(lines.find_line("", 1) == std::nullopt);
}

TEST_CASE("what is no regular file is not opened for reading") {
    const ScratchDirectory scratch;
    REQUIRE(mkfifo(scratch.file("fifo.py").c_str(), 0600) == 0);
    OwnSources own;
    SourceReader& lines = own.lines;
    CHECK(lines.find_line(scratch.file("fifo.py"), 1) == std::nullopt);
    CHECK(lines.find_line("/dev/zero", 1) == std::nullopt);
    CHECK(lines.find_line("/", 1) == std::nullopt);
}

TEST_CASE("very long lines are left out") {
    const ScratchDirectory scratch;
    std::ofstream(scratch.file("long.py")) << std::string(5000, 'x') << "\nshort\n";
    OwnSources own;
    SourceReader& lines = own.lines;
    CHECK(lines.find_line(scratch.file("long.py"), 1) == std::nullopt);
    CHECK(lines.find_line(scratch.file("long.py"), 2) == "short");
}

TEST_CASE("a file that was edited or replaced is read anew, and one that is the same is not") {
    const ScratchDirectory scratch;
    OwnSources own;
    const std::string path = scratch.file("app.py");
    std::ofstream(path) << "save()\n";
    CHECK(own.lines.find_line(path, 1) == "save()");
    CHECK(own.lines.read(path) == own.lines.read(path));
    std::ofstream(path) << "await save()\n";
    CHECK(own.lines.find_line(path, 1) == "await save()");
    std::ofstream(scratch.file("new.py")) << "later!!!()!!!\n";
    std::filesystem::rename(scratch.file("new.py"), path);
    CHECK(own.lines.find_line(path, 1) == "later!!!()!!!");
    std::filesystem::remove(path);
    CHECK(own.lines.find_line(path, 1) == std::nullopt);
}

TEST_CASE("what was read stays with the evidence when the file changes") {
    const ScratchDirectory scratch;
    OwnSources own;
    const std::string path = scratch.file("app.py");
    std::ofstream(path) << "save()\n";
    SourceLines kept;
    kept.add(path, own.lines.read(path));
    std::ofstream(path) << "await save()\n";
    CHECK(own.lines.find_line(path, 1) == "await save()");
    CHECK(kept.find_line(path, 1) == "save()");
}

}  // namespace corotrace::session_source_reader_test
