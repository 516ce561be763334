// SPDX-License-Identifier: MIT
// Which frames get the lines around theirs, and which lines those are.
#include "tracer/diagnose/source_around.hpp"

#include "tests/support/catch.hpp"

namespace corotrace::diagnose_source_around_test {
namespace {

using Lines = std::vector<std::string>;

Frame make_frame(const std::string& file, int line) {
    return {.function = "f",
            .name = "f",
            .file = file,
            .line = line,
            .end_line = {},
            .col = {},
            .end_col = {},
            .source = {}};
}

}  // namespace

TEST_CASE("a line has up to two before it and two after it") {
    const SourceText text("one\n  two \n\nfour\r\nfive\nsix\n" + std::string(201, 'x') + "\n");
    const auto around = [&](int line) { return text.find_around(line, kLinesAround); };
    CHECK(around(1)->first == 1);
    CHECK(around(1)->lines == Lines{"one", "  two"});  // an empty last one is none
    CHECK(around(4)->first == 2);
    CHECK(around(4)->lines == Lines{"  two", "", "four", "five", "six"});
    CHECK(around(6)->lines == Lines{"four", "five", "six"});  // a very long one is empty
    CHECK(around(0) == nullptr);
    CHECK(around(-5) == nullptr);
    CHECK(around(1000) == nullptr);
    CHECK(around(2147483647) == nullptr);
    CHECK(SourceText("").find_around(1, kLinesAround) == nullptr);
}

TEST_CASE("the program's own frames get their lines, the innermost of each stack") {
    SourceLines sources;
    sources.add("/srv/app.py", std::make_shared<const SourceText>("a\nb\nc\n"));
    sources.add("/usr/lib/python3/dist-packages/lib.py", std::make_shared<const SourceText>("a\nb\nc\n"));
    Finding finding;
    auto& frames = finding.dropped.frames.emplace();
    for (int i = 0; i < 20; ++i) frames.push_back(make_frame("/srv/app.py", 2));
    frames.push_back(make_frame("/usr/lib/python3/dist-packages/lib.py", 2));
    finding.dropped.ended = make_frame("/srv/app.py", 3);
    finding.created.frames = {make_frame("/srv/gone.py", 1), make_frame("/srv/app.py", 1)};
    add_source_around(finding, sources, OwnCode());
    CHECK(frames[20].around == nullptr);
    for (std::size_t i = 0; i < 20; ++i) CHECK((frames[i].around != nullptr) == (i >= 12));
    CHECK(frames[19].around->lines == Lines{"a", "b", "c"});
    CHECK(finding.dropped.ended->around->first == 1);
    CHECK(finding.created.frames[0].around == nullptr);
    CHECK(finding.created.frames[1].around->lines == Lines{"a", "b", "c"});
}

}  // namespace corotrace::diagnose_source_around_test
