// SPDX-License-Identifier: MIT
// Line tables made by hand: what real ones seldom have, and what no honest one has.
#include "cpython_layouts/line_table.hpp"

#include <vector>

#include "tests/support/catch.hpp"

namespace corotrace::cpython_layouts_line_table_test {

namespace {

std::vector<std::byte> table(std::initializer_list<int> bytes) {
    std::vector<std::byte> result;
    for (const int byte : bytes) result.push_back(static_cast<std::byte>(byte));
    return result;
}

Position line_only(std::optional<int> line) {
    return {.line = line, .end_line = {}, .col = {}, .end_col = {}};
}

}  // namespace

TEST_CASE("an instruction that did not start is on the first line") {
    for (const auto rule : {LineTableRule::kLnotab, LineTableRule::kPairs, LineTableRule::kLocations}) {
        CHECK(find_position(rule, {}, 7, -1) == line_only(7));
    }
}

TEST_CASE("lnotab adds line steps up to the instruction") {
    // Source: CPython 3.8 Objects/lnotab_notes.txt, its example: offsets 0, 6, 50, 350, 361 on lines 1, 2, 7,
    // 207, 208.
    const auto bytes = table({0, 1, 6, 1, 44, 5, 255, 0, 45, 127, 0, 73, 11, 1});
    const auto line = [&](std::int64_t offset) {
        return find_position(LineTableRule::kLnotab, bytes, 0, offset).line;
    };
    CHECK(line(0) == 1);
    CHECK(line(5) == 1);
    CHECK(line(6) == 2);
    CHECK(line(49) == 2);
    CHECK(line(50) == 7);
    CHECK(line(349) == 7);
    CHECK(line(350) == 207);
    CHECK(line(361) == 208);
    CHECK(line(1'000'000) == 208);
}

TEST_CASE("lnotab may step back, not below line 0") {
    CHECK(find_position(LineTableRule::kLnotab, table({2, 0xfe}), 10, 2) == line_only(8));
    CHECK(find_position(LineTableRule::kLnotab, table({2, 0x80}), 10, 2) == line_only(std::nullopt));
    CHECK(find_position(LineTableRule::kLnotab, table({2}), 10, 2) == line_only(10));  // half a pair
}

TEST_CASE("pairs are ranges, some without a line") {
    const auto bytes = table({4, 1, 2, 0x80, 6, 2, 0, 5, 2, 0xff});
    const auto line = [&](std::int64_t offset) {
        return find_position(LineTableRule::kPairs, bytes, 10, offset).line;
    };
    CHECK(line(0) == 11);
    CHECK(line(3) == 11);
    CHECK(line(4) == std::nullopt);
    CHECK(line(6) == 13);
    CHECK(line(11) == 13);
    CHECK(line(12) == 17);
    CHECK(line(14) == std::nullopt);  // behind the table
    CHECK(find_position(LineTableRule::kPairs, table({4}), 1, 0).line == std::nullopt);
}

TEST_CASE("every form of a location entry is understood") {
    // Source: CPython 3.11 Objects/locations.md.
    const auto bytes = table({
        0x80 | (3 << 3) | 0, 0x25,                // short form: 1 unit, column 3 * 8 + 2, 5 wide
        0x80 | (10 << 3) | 1, 4, 9,               // same line, 2 units
        0x80 | (12 << 3) | 0, 1, 2,               // two lines on
        0x80 | (13 << 3) | 0, 3,                  // no columns, one line back
        0x80 | (14 << 3) | 0, 10, 3, 0x41, 1, 6,  // long: 5 on, ends 3 lines down, columns 64 and 5
        0x80 | (15 << 3) | 7,                     // no location, 8 units
    });
    const auto at = [&](int unit) { return find_position(LineTableRule::kLocations, bytes, 100, unit * 2); };
    CHECK(at(0) == Position{100, 100, 26, 31});
    CHECK(at(1) == Position{100, 100, 4, 9});
    CHECK(at(2) == Position{100, 100, 4, 9});
    CHECK(at(3) == Position{102, 102, 1, 2});
    CHECK(at(4) == Position{101, 101, {}, {}});
    CHECK(at(5) == Position{106, 109, 64, 5});
    CHECK(at(6) == Position{});
    CHECK(at(13) == Position{});
    CHECK(at(14) == Position{});  // behind the table
}

TEST_CASE("a location table that makes no sense gives nothing") {
    const auto at_0 = [](std::initializer_list<int> bytes) {
        return find_position(LineTableRule::kLocations, table(bytes), 1, 0);
    };
    CHECK(at_0({}) == Position{});
    CHECK(at_0({0x00, 0x25}) == Position{});              // no mark of a first byte
    CHECK(at_0({0x80}) == Position{});                    // ends inside the entry
    CHECK(at_0({0x80 | (14 << 3), 2, 0}) == Position{});  // ends inside the entry
    CHECK(at_0({0x80 | (13 << 3), 127, 127, 127, 127, 127, 127, 127}) == Position{});   // endless number
    CHECK(at_0({0x80 | (13 << 3), 127, 127, 127, 127, 127, 31}).line == std::nullopt);  // line below 0
    CHECK(at_0({0x80 | (14 << 3), 126, 127, 127, 127, 127, 31, 0, 0, 0}).line == std::nullopt);  // beyond int
}

}  // namespace corotrace::cpython_layouts_line_table_test
