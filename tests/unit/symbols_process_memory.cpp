// SPDX-License-Identifier: MIT
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "symbols/memory_map.hpp"
#include "symbols/process_memory.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/scratch_dir.hpp"

namespace corotrace::symbols_process_memory_test {

namespace {

constexpr std::size_t kPage = 4096;

RemoteAddr remote(const void* address) {
    return {reinterpret_cast<std::uint64_t>(address)};
}

// Two pages, the first of which holds `text` at its end and has `protection`; the second is not there.
std::byte* make_page(const char* text, int protection) {
    void* const at = ::mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(at != MAP_FAILED);
    std::byte* const page = static_cast<std::byte*>(at);
    REQUIRE(::munmap(page + kPage, kPage) == 0);
    std::memcpy(page + kPage - std::strlen(text), text, std::strlen(text));
    REQUIRE(::mprotect(page, kPage, protection) == 0);
    return page;
}

}  // namespace

TEST_CASE("process memory: reads up to the last byte of a mapping and no further") {
    const std::byte* const page = make_page("end", PROT_READ);
    const auto child = ChildProcess::fork_ready([] {});
    const auto memory = ProcessMemory::open(child.pid(), false);
    REQUIRE(memory);
    std::array<char, 3> text{};
    REQUIRE(memory->read(remote(page + kPage - 3), std::as_writable_bytes(std::span(text))));
    CHECK(std::string_view(text.data(), 3) == "end");
    std::array<std::byte, 4> beyond{};
    const auto failed = memory->read(remote(page + kPage - 3), beyond);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == Errc::unreadable);
    for (const std::uint64_t address : {std::uint64_t{0}, std::uint64_t{1} << 63, UINT64_MAX}) {
        const auto bad = memory->read_as<char>({address});
        REQUIRE_FALSE(bad);
        CHECK(bad.error().code == Errc::unreadable);
    }
    CHECK(memory->read(remote(page + kPage), {}));
}

TEST_CASE("process memory: much is read at once, up to a hole and not beyond, whatever its protection is") {
    constexpr std::size_t kPages = 64;
    void* const at =
        ::mmap(nullptr, (kPages + 1) * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(at != MAP_FAILED);
    auto* const pages = static_cast<std::byte*>(at);
    std::vector<std::byte> expected(kPages * kPage);
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = std::byte(i / kPage + i % 251);
    std::memcpy(pages, expected.data(), expected.size());
    REQUIRE(::munmap(pages + kPages * kPage, kPage) == 0);
    for (const int protection : {PROT_READ, PROT_NONE}) {
        REQUIRE(::mprotect(pages, kPage, protection) == 0);
        const auto child = ChildProcess::fork_ready([] {});
        const auto memory = ProcessMemory::open(child.pid(), false);
        REQUIRE(memory);
        std::vector<std::byte> read(kPages * kPage);
        REQUIRE(memory->read(remote(pages), read));
        CHECK(read == expected);
        const auto beyond = memory->read(remote(pages + kPage), read);
        REQUIRE_FALSE(beyond);
        CHECK(beyond.error().code == Errc::unreadable);
    }
}

TEST_CASE("process memory: writes through read-only pages, of the target alone") {
    std::byte* const page = make_page("old", PROT_READ | PROT_EXEC);
    const auto child = ChildProcess::fork_ready([] {});
    const auto memory = ProcessMemory::open(child.pid(), true);
    REQUIRE(memory);
    const std::uint64_t value = 0x1122334455667788;
    REQUIRE(memory->write(remote(page), std::as_bytes(std::span(&value, 1))));
    CHECK(memory->read_as<std::uint64_t>(remote(page)).value() == value);
    CHECK(page[0] == std::byte{0});

    const std::array<std::byte, 4> four{};
    const auto beyond = memory->write(remote(page + kPage - 2), four);
    REQUIRE_FALSE(beyond);
    CHECK(beyond.error().code == Errc::unreadable);
}

TEST_CASE("process memory: one opened for reading does not write") {
    std::byte* const page = make_page("old", PROT_READ | PROT_WRITE);
    const auto child = ChildProcess::fork_ready([] {});
    const auto memory = ProcessMemory::open(child.pid(), false);
    REQUIRE(memory);
    const std::array<std::byte, 4> four{};
    CHECK_FALSE(memory->write(remote(page), four));
}

TEST_CASE("process memory: after exec the old memory is gone, and the new one is not shown") {
    const ScratchDir dir;
    const std::string go = dir / "go";
    const std::string done = dir / "done";
    REQUIRE(::mkfifo(go.c_str(), 0600) == 0);
    REQUIRE(::mkfifo(done.c_str(), 0600) == 0);
    const std::string script = "echo ready; read x < " + go + "; exec sh -c 'echo x > " + done + "; cat'";
    const auto child = ChildProcess::run_ready({"sh", "-c", script});
    const auto memory = ProcessMemory::open(child.pid(), false);
    REQUIRE(memory);
    const auto map = MemoryMap::read(child.pid());
    REQUIRE(map);
    const RemoteAddr start = map->mappings().front().start;
    REQUIRE(memory->read_as<char>(start));
    std::ofstream(go) << "x\n";
    std::string line;
    std::getline(std::ifstream(done) >> std::ws, line);
    REQUIRE(line == "x");
    const auto after = memory->read_as<char>(start);
    REQUIRE_FALSE(after);
    CHECK(after.error().code == Errc::gone);

    // By its number, its stack can be read.
    const auto now = MemoryMap::read(child.pid());
    REQUIRE(now);
    const auto stack =
        std::ranges::find_if(now->mappings(), [](const Mapping& one) { return one.path == "[stack]"; });
    REQUIRE(stack != now->mappings().end());
    std::vector<std::byte> much(stack->end.value - stack->start.value);
    REQUIRE(much.size() >= std::size_t{64} << 10U);
    const auto at_once = memory->read(stack->start, much);
    REQUIRE_FALSE(at_once);
    CHECK(at_once.error().code == Errc::gone);
}

TEST_CASE("process memory: no such process is gone") {
    const auto memory = ProcessMemory::open(0x7ffffffe, false);
    REQUIRE_FALSE(memory);
    CHECK(memory.error().code == Errc::gone);
}

}  // namespace corotrace::symbols_process_memory_test
