// SPDX-License-Identifier: MIT
#include "symbols/utf8.hpp"

#include "tests/support/catch.hpp"

namespace corotrace::symbols_utf8_test {

TEST_CASE("code points become valid UTF-8, the impossible ones U+FFFD") {
    CHECK(to_utf8(U"a\u00e9\u20ac\U0001f600") == "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    CHECK(to_utf8(std::u32string{char32_t{0xd800}, char32_t{0x110000}}) == "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST_CASE("bytes that are not UTF-8 are replaced one by one") {
    CHECK(to_valid_utf8("na\xc3\xafve") == "na\xc3\xafve");
    CHECK(to_valid_utf8("\xf0\x9f\x98\x80") == "\xf0\x9f\x98\x80");
    CHECK(to_valid_utf8("a\xff") == "a\xef\xbf\xbd");
    CHECK(to_valid_utf8("\xc3") == "\xef\xbf\xbd");                  // ends early
    CHECK(to_valid_utf8("\xc0\x80") == "\xef\xbf\xbd\xef\xbf\xbd");  // overlong
    CHECK(to_valid_utf8("\xe0\x80\x80").size() == 9);                // overlong
    CHECK(to_valid_utf8("\xed\xa0\x80").size() == 9);                // surrogate
    CHECK(to_valid_utf8("\xf4\x90\x80\x80").size() == 12);           // beyond U+10FFFF
    CHECK(to_valid_utf8("\xc3(") == "\xef\xbf\xbd(");
}

}  // namespace corotrace::symbols_utf8_test
