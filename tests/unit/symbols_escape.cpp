// SPDX-License-Identifier: MIT
#include "symbols/escape.hpp"

#include <random>

#include "tests/support/catch.hpp"

namespace corotrace::symbols_escape_test {
namespace {

TEST_CASE("ordinary text stays as it is") {
    for (const char* text : {"", "save", "Store.<locals>.save", "/srv/\xc3\xa4pp.py",
                             "\xe4\xbd\xa0\xe5\xa5\xbd", "\xf0\x9f\x90\x8d", "C:\\x1b", "e\xcc\x81"})
        CHECK(printable(text) == text);
}

TEST_CASE("what moves, hides or reorders is made visible") {
    CHECK(printable("a\nb\r\tc") == "a\\nb\\r\\tc");
    CHECK(printable(std::string_view("\0\x1b[31m\x7f", 7)) == "\\x00\\x1b[31m\\x7f");
    CHECK(printable("\xc2\x9b\xc2\x85") == "\\x9b\\x85");
    CHECK(printable("\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8b\xef\xbb\xbf") == "\\u202e\\u2066\\u200b\\ufeff");
    CHECK(printable("\xe2\x80\xa8\xe2\x80\xa9") == "\\u2028\\u2029");
    CHECK(printable("\xf3\xa0\x81\x81") == "\\U000e0041");
}

TEST_CASE("bytes that are not UTF-8 are shown one by one") {
    CHECK(printable("\xff") == "\\xff");
    CHECK(printable("\xc0\x80") == "\\xc0\\x80");                    // overlong
    CHECK(printable("\xe0\x9f\xbf") == "\\xe0\\x9f\\xbf");           // overlong
    CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // surrogate
    CHECK(printable("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // above U+10FFFF
    CHECK(printable("a\xe4\xbd") == "a\\xe4\\xbd");                  // cut off
    CHECK(printable("\xe4\x41") ==
          "\\xe4"
          "A");
}

// Whether `text` is UTF-8 without any control or format character that this file knows by heart.
bool is_harmless(const std::string& text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c < 0x20 || c == 0x7f) return false;
        if (c == 0xc2 && static_cast<unsigned char>(text[i + 1]) < 0xa0) return false;
        const std::string three = text.substr(i, 3);
        if (three >= "\xe2\x80\xa8" && three <= "\xe2\x80\xae") return false;
        if (three >= "\xe2\x81\xa6" && three <= "\xe2\x81\xa9") return false;
    }
    return true;
}

TEST_CASE("any bytes become harmless, once and for all") {
    std::mt19937 random(20260131);
    // Bytes that begin and continue the sequences of interest are drawn more often than others.
    const std::string likely = "\xe2\x80\x81\xae\xa6\xa9\xc2\x9b\x1b\n\xf0\x9f\xed\xa0";
    for (int round = 0; round < 20000; ++round) {
        std::string text;
        const std::size_t length = random() % 12;
        for (std::size_t i = 0; i < length; ++i)
            text += random() % 2 == 0 ? likely[random() % likely.size()] : static_cast<char>(random() % 256);
        const std::string shown = printable(text);
        INFO(shown);
        REQUIRE(is_harmless(shown));
        REQUIRE(printable(shown) == shown);
        REQUIRE(display_width(shown) <= shown.size());
        const std::size_t columns = random() % 10;
        REQUIRE(display_width(cut_right(shown, columns)) <= columns);
        REQUIRE(display_width(cut_left(shown, columns)) <= columns);
        REQUIRE(printable(cut_left(shown, columns)) == cut_left(shown, columns));
    }
}

TEST_CASE("every code point is one column, two, or none") {
    CHECK(display_width("abc") == 3);
    CHECK(display_width("\xe4\xbd\xa0") == 2);
    CHECK(display_width("\xf0\x9f\x90\x8d") == 2);
    CHECK(display_width("e\xcc\x81") == 1);
    CHECK(display_width("\xc3\xa4") == 1);
}

TEST_CASE("text is cut with an ellipsis") {
    CHECK(cut_right("Store.save", 10) == "Store.save");
    CHECK(cut_right("Store.save", 8) == "Store...");
    CHECK(cut_left("/srv/app/x.py", 9) == "...p/x.py");
    CHECK(cut_right("\xe4\xbd\xa0\xe4\xbd\xa0\xe4\xbd\xa0", 5) == "\xe4\xbd\xa0...");
    CHECK(cut_right("abcdef", 2) == "..");
    CHECK(cut_left("abcdef", 0).empty());
}

TEST_CASE("text is wrapped at spaces, else anywhere") {
    using Lines = std::vector<std::string>;
    CHECK(wrap("abc", 10, 2) == Lines{"abc"});
    CHECK(wrap("", 10, 2) == Lines{""});
    CHECK(wrap("one two three", 8, 2) == Lines{"one two", "  three"});
    CHECK(wrap("    abcdefghij", 8, 2) == Lines{"    abcd", "  efghij"});
    CHECK(wrap("\xe4\xbd\xa0\xe4\xbd\xa0\xe4\xbd\xa0", 5, 0) ==
          Lines{"\xe4\xbd\xa0\xe4\xbd\xa0", "\xe4\xbd\xa0"});
    CHECK(wrap("abc", 1, 9) == Lines{"a", "b", "c"});
    CHECK(wrap("abc", 0, 0).empty());
}

TEST_CASE("tabs of source code become spaces") {
    CHECK(printable_source("\tx\t= 1\x1b") == "    x    = 1\\x1b");
}

}  // namespace
}  // namespace corotrace::symbols_escape_test
