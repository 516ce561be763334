// SPDX-License-Identifier: MIT
// Whether a fix is a repaired line, and what stands around that.
#include "tracer/report/fix_diff.hpp"

#include <memory>

#include "tests/support/catch.hpp"

namespace corotrace::report_fix_diff_test {
namespace {

Finding fixed(const std::string& line, const std::string& fix) {
    Finding finding;
    finding.mistake = Mistake{.id = "result_discarded", .sentence = {}, .fix = fix};
    Frame frame;
    frame.file = "/srv/app.py";
    frame.line = 3;
    frame.source = line;
    finding.dropped.frames = std::vector<Frame>{frame};
    return finding;
}

void surround(Finding& finding, int first, std::vector<std::string> lines) {
    finding.dropped.frames->back().around =
        std::make_shared<const SourceAround>(SourceAround{first, std::move(lines)});
}

std::vector<std::string> diff_of(const Finding& finding) {
    std::vector<std::string> lines;
    for (const DiffLine& line : make_fix_diff(finding)) lines.push_back(line.text);
    return lines;
}

}  // namespace

TEST_CASE("a fix is the line with something put in, or it is not") {
    CHECK(is_line_repaired("save(x)", "await save(x)"));
    CHECK(is_line_repaired("assert allowed(x)", "assert await allowed(x)"));
    CHECK(is_line_repaired("save(x)  # soon", "await save(x)"));
    CHECK(is_line_repaired("return load(1)[\"a\"]", "return (await load(1))[\"a\"]"));
    CHECK(is_line_repaired("return await load(1)[\"a\"]", "return (await load(1))[\"a\"]"));
    CHECK(is_line_repaired("save(x)", "task = asyncio.create_task(save(x))"));
    CHECK(is_line_repaired("Timer(1, save(x))", "Timer(1, lambda: asyncio.run(save(x)))"));
    CHECK(is_line_repaired("Timer(1, save(x))", "Timer(1, lambda x=x: asyncio.run(save(x)))"));
    CHECK(is_line_repaired("async def __len__(self):", "def __len__(self):"));
    CHECK(is_line_repaired("on(save)", "on(lambda *args, **kwargs: asyncio.run(save(*args, **kwargs)))"));
    CHECK_FALSE(is_line_repaired("save(x); load(y)", "await save(x)"));
    CHECK_FALSE(is_line_repaired("x = 1", "await save(x)"));
    CHECK_FALSE(is_line_repaired("save(1)", "await save(12)"));
}

TEST_CASE("a fix is shown below its line") {
    const Finding finding = fixed("    save(x)", "await save(x)");
    CHECK(line_to_fix(finding) == "save(x)");
    CHECK(diff_of(finding) == std::vector<std::string>{"- save(x)", "+ await save(x)"});
    CHECK(make_fix_diff(fixed("    other(x)", "await save(x)")).empty());
    Finding none = finding;
    none.mistake->fix.reset();
    CHECK(make_fix_diff(none).empty());
    none.mistake.reset();
    CHECK(line_to_fix(none).empty());
}

TEST_CASE("with the lines beside it, indented as they are") {
    Finding finding = fixed("        save(x)", "await save(x)");
    surround(finding, 2, {"    for x in rows:", "        save(x)", "    return 1"});
    CHECK(diff_of(finding) ==
          std::vector<std::string>{"  for x in rows:", "-     save(x)", "+     await save(x)", "  return 1"});
    surround(finding, 3, {"        save(x)", ""});
    CHECK(diff_of(finding) == std::vector<std::string>{"- save(x)", "+ await save(x)"});
    surround(finding, 9, {"elsewhere"});
    CHECK(diff_of(finding).size() == 2);
}

TEST_CASE("what the target wrote is made printable") {
    Finding finding = fixed("\tsave('\x1b')", "await save('\x1b')");
    surround(finding, 2, {"\tif '\x07':", "\tsave('\x1b')"});
    for (const DiffLine& line : make_fix_diff(finding)) {
        for (const char c : line.text) CHECK(static_cast<unsigned char>(c) >= 0x20);
    }
}

}  // namespace corotrace::report_fix_diff_test
