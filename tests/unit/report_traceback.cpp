// SPDX-License-Identifier: MIT
#include "tracer/report/traceback.hpp"

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/test_data.hpp"

namespace corotrace::report_traceback_test {
namespace {

std::optional<int> read_int(const nlohmann::json& value) {
    return value.is_null() ? std::nullopt : std::optional<int>(value.get<int>());
}

TEST_CASE("frames are printed as Python's own traceback module prints them") {
    const auto golden = nlohmann::json::parse(test::read_text(test::test_data("golden/tracebacks.json")));
    REQUIRE(golden["cases"].size() > 10);
    for (const auto& example : golden["cases"]) {
        std::vector<Frame> frames;
        for (const auto& item : example["frames"]) {
            const std::string name = item["name"];
            frames.push_back({"Qualified." + name, name, item["file"], read_int(item["line"]),
                              read_int(item["end_line"]), read_int(item["col"]), read_int(item["end_col"]),
                              item["source"].get<std::string>()});
        }
        CHECK(format_frames(frames, Paint(false)) == example["printed"].get<std::string>());
    }
}

TEST_CASE("without columns, line or source there is less, and never nonsense") {
    Frame frame{"f", "", "x.py", std::nullopt, std::nullopt, std::nullopt, std::nullopt, std::nullopt};
    const auto print = [&] { return format_frames({&frame, 1}, Paint(false)); };
    CHECK(print() == "  File \"x.py\", line ?, in f\n");
    frame.line = 3;
    frame.source = "   ";
    CHECK(print() == "  File \"x.py\", line 3, in f\n");
    frame.source = "  f(1)  ";
    frame.end_line = 3;
    frame.col = 2;
    CHECK(print() == "  File \"x.py\", line 3, in f\n    f(1)\n");
    for (const auto& [col, end_col] :
         {std::pair{-1, 4}, {6, 2}, {100, 200}, {2, 6}, {3, 3}, {0, 2147483647}}) {
        frame.col = col;
        frame.end_col = end_col;
        CHECK(print() == "  File \"x.py\", line 3, in f\n    f(1)\n");
    }
    frame.col = 4;
    frame.end_col = 5;
    CHECK(print() == "  File \"x.py\", line 3, in f\n    f(1)\n      ^\n");
}

TEST_CASE("carets stand under wide characters and escapes, too") {
    const Frame frame{"f", "f", "x.py", 1, 1, 8, 11, "\x1b;\xe4\xbd\xa0 = g(1)"};
    CHECK(format_frames({&frame, 1}, Paint(false)) ==
          "  File \"x.py\", line 1, in f\n    \\x1b;\xe4\xbd\xa0 = g(1)\n              ^^^\n");
}

TEST_CASE("native frames are numbered and tell what is known") {
    const NativeFrame frames[] = {{0x7f10, "PyObject_Call", 18, "/usr/bin/python3", "Objects/call.c", 293},
                                  {0x10, {}, 7, {}, {}, {}}};
    CHECK(format_native_frames(frames) ==
          "  #0   0x0000000000007f10 in PyObject_Call+0x12 at Objects/call.c:293 from /usr/bin/python3\n"
          "  #1   0x0000000000000010\n");
}

}  // namespace
}  // namespace corotrace::report_traceback_test
