// SPDX-License-Identifier: MIT
#include "cpython_layouts/unawaited_warning.hpp"

#include "tests/support/catch.hpp"

namespace corotrace::cpython_layouts_unawaited_warning_test {
namespace {

TEST_CASE("a warning of a coroutine that was never awaited is taken apart") {
    const auto warning = parse_unawaited_warning("coroutine 'Shop.it's' was never awaited");
    REQUIRE(warning);
    CHECK(warning->kind == UnawaitedKind::kCoroutine);
    CHECK(warning->qualname == "Shop.it's");
    CHECK(warning->created.empty());
}

TEST_CASE("methods of async generators have their kinds") {
    const auto kind = [](const char* method) {
        const std::string text = "coroutine method '" + std::string(method) + "' of 'f' was never awaited";
        const auto warning = parse_unawaited_warning(text);
        REQUIRE(warning);
        CHECK(warning->qualname == "f");
        return warning->kind;
    };
    CHECK(kind("asend") == UnawaitedKind::kAsend);
    CHECK(kind("athrow") == UnawaitedKind::kAthrow);
    CHECK(kind("aclose") == UnawaitedKind::kAclose);
}

TEST_CASE("lines of creation are read, source between them is not") {
    const auto warning = parse_unawaited_warning(
        "coroutine 'f' was never awaited\n"
        "Coroutine created at (most recent call last)\n"
        "  File \"a\", line 1.py\", line 7, in <module>\n"
        "    main()\n"
        "  [Previous line repeated 3 more times]\n"
        "  File \"b.py\", line 0, in never\n"
        "  File \"b.py\", line 99999999999, in never\n"
        "  File \"b.py\", line 8 in never\n"
        "  File \"b.py\", line 8, in main");
    REQUIRE(warning);
    REQUIRE(warning->created.size() == 2);
    CHECK(warning->created[0].file == "a\", line 1.py");
    CHECK(warning->created[0].line == 7);
    CHECK(warning->created[0].function == "<module>");
    CHECK(warning->created[1].function == "main");
}

TEST_CASE("other warnings are not taken for it") {
    for (const char* text :
         {"", "coroutine", "coroutine 'f' was awaited", "coroutine 'f", "'f' was never awaited",
          "coroutine method 'other' of 'f' was never awaited",
          "coroutine 'f' was never awaited, says the program", "coroutine 'f' was never awaited\nand more"}) {
        INFO(text);
        CHECK_FALSE(parse_unawaited_warning(text));
    }
}

}  // namespace
}  // namespace corotrace::cpython_layouts_unawaited_warning_test
