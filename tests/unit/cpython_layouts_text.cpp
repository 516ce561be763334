// SPDX-License-Identifier: MIT
#include "cpython_layouts/text.hpp"

#include <limits>

#include "tests/support/catch.hpp"

namespace corotrace::cpython_layouts_text_test {

TEST_CASE("what a terminal must not see is not printable") {
    for (const char32_t c : {0x0U, 0x1bU, 0x7fU, 0x9bU, 0xa0U, 0xadU, 0x200eU, 0x202eU, 0x2066U, 0x2028U,
                             0xfeffU, 0xd800U, 0xe000U, 0xe0041U, 0x110000U}) {
        INFO(static_cast<std::uint32_t>(c));
        CHECK(!is_printable(c));
    }
    for (const char32_t c : {0x20U, 0x41U, 0xe9U, 0x20acU, 0x4e00U, 0x1f600U}) CHECK(is_printable(c));
}

TEST_CASE("repr of text and bytes chooses its quotes as Python does") {
    CHECK(repr_str(U"") == U"''");
    CHECK(repr_str(U"it's") == U"\"it's\"");
    CHECK(repr_str(U"\"'") == U"'\"\\''");
    CHECK(repr_str(U"\x1b[31m\u202e\U000e0001") == U"'\\x1b[31m\\u202e\\U000e0001'");
    CHECK(repr_bytes(U"\u00ff'\n") == U"b\"\\xff'\\n\"");
}

TEST_CASE("repr of floats is the shortest text that reads back") {
    CHECK(repr_float(0.1) == "0.1");
    CHECK(repr_float(-0.0) == "-0.0");
    CHECK(repr_float(1e16) == "1e+16");
    CHECK(repr_float(9999999999999998.0) == "9999999999999998.0");
    CHECK(repr_float(0.0001) == "0.0001");
    CHECK(repr_float(0.00001) == "1e-05");
    CHECK(repr_float(5e-324) == "5e-324");
    CHECK(repr_float(-std::numeric_limits<double>::infinity()) == "-inf");
    CHECK(repr_float(std::numeric_limits<double>::quiet_NaN()) == "nan");
}

}  // namespace corotrace::cpython_layouts_text_test
