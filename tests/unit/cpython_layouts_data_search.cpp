// SPDX-License-Identifier: MIT
// Searches through data that has no symbols.
#include "cpython_layouts/data_search.hpp"

#include <cstring>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/fake_memory.hpp"

namespace corotrace::cpython_layouts_data_search_test {

namespace {

constexpr RemoteAddr kStart{0x562820000000};
constexpr std::size_t kBytes = 512 * 1024;

std::optional<PythonVersion> find(const std::string& text, std::uint64_t pointer) {
    std::vector<std::byte> bytes(kBytes);
    // Pointers into the segment itself, as in the tables of a program that is loaded anywhere.
    for (std::size_t at = 0; at + 8 <= kBytes / 2; at += 8) {
        const std::uint64_t word = pointer + at;
        std::memcpy(bytes.data() + at, &word, sizeof(word));
    }
    std::memcpy(bytes.data() + kBytes - 4096, text.data(), text.size());
    const FakeMemory memory(kStart, bytes);
    Segment segment;
    segment.start = kStart;
    segment.memory_size = kBytes;
    segment.writable = true;
    return find_version_text(memory, segment);
}

}  // namespace

TEST_CASE("version text: of each age") {
    for (const auto& [text, minor] :
         {std::pair{"3.9.2 (default, Feb 28 2021, 17:03:44) \n[GCC 10.2.1 20210110]", 9},
          std::pair{"3.11.2 (main, Mar 13 2023, 12:18:29) [GCC 12.2.0]", 11},
          std::pair{"3.14.0b1+ (heads/3.14:0abc, May  6 2025, 10:00:00) [Clang 19.1.7 ]", 14}}) {
        const auto version = find(text, 0);
        REQUIRE(version);
        CHECK(version->minor == minor);
    }
    CHECK_FALSE(find("3.11.2 and more [GCC 12.2.0]", 0));
    CHECK_FALSE(find("(main) [GCC 12.2.0]", 0));
}

// " (" are two bytes of the load address 0x...2820....
TEST_CASE("version text: more addresses than are looked at have the same bytes") {
    CHECK(find("3.9.2 (default, Feb 28 2021, 17:03:44) \n[GCC 10.2.1]", kStart.value));
}

}  // namespace corotrace::cpython_layouts_data_search_test
