// SPDX-License-Identifier: MIT
// Statements of several lines: where they end, and what of them can be put on one line.
#include "tracer/diagnose/call_source.hpp"

#include <map>
#include <memory>

#include "tests/support/catch.hpp"

namespace corotrace::diagnose_call_source_test {

namespace {

const HolderText kAsync{.function = "handle", .may_await = true, .loop_running = true};

// The fix of the call save() that is at this position in the text.
std::optional<std::string> fix_in(const std::string& text, const Position& position) {
    SourceLines sources;
    sources.add("/srv/app.py", std::make_shared<const SourceText>(text));
    return remedy_by_await(
               read_call(sources, "/srv/app.py", {.line = {}, .position = position, .callee = "save"}),
               kAsync)
        .fix;
}

std::optional<std::string> fix_at(const std::string& text, int line) {
    return fix_in(text, {.line = line, .end_line = {}, .col = {}, .end_col = {}});
}

}  // namespace

TEST_CASE("statements end where nothing is open") {
    const SourceText text(
        "x = [save(1),\n"
        "     save(2)]\n"
        "y = save(3)\n"
        "\"\"\"text of (\n"
        "save(4)\n"
        "\"\"\"\n"
        "save(5)  # not open (\n"
        "save(6) \\\n"
        "    .id\n"
        "if save(')'):\n"
        "    save(\"(\\\"(\")\r\n"
        "z = 'not closed\n"
        "save(7)\n"
        "save(");
    std::map<int, int> ends;
    for (int line = -1; line <= 15; ++line) {
        if (const auto end = text.find_statement_end(line)) ends[line] = *end;
    }
    CHECK(ends ==
          std::map<int, int>{{1, 2}, {3, 3}, {4, 6}, {7, 7}, {8, 9}, {10, 10}, {11, 11}, {12, 12}, {13, 13}});
}

TEST_CASE("a statement of several lines is put on one") {
    const std::string text =
        "async def handle():\n"
        "    y = self.save(\n"
        "        {'a': 1},\n"
        "        key=(2,\n"
        "             3),\n"
        "    ).id  # now\n";
    const std::string fix = "y = (await self.save({'a': 1}, key=(2, 3),)).id";
    CHECK(fix_in(text, {.line = 2, .end_line = 6, .col = 8, .end_col = 5}) == fix);
    CHECK(fix_at(text, 2) == fix);
    CHECK(fix_at("save('#1',  # one's\n     # two\n     2)\n", 1) == "await save('#1', 2)");
    CHECK(fix_in(text, {.line = 2, .end_line = 9, .col = 8, .end_col = 5}) == std::nullopt);
    CHECK(fix_in(text, {.line = 2, .end_line = 6, .col = 8, .end_col = 2}) == std::nullopt);
}

TEST_CASE("a call of several lines within a statement stands for itself") {
    const std::string text =
        "log(1,\n"
        "    save(2,\n"
        "         3))\n";
    CHECK(fix_in(text, {.line = 2, .end_line = 3, .col = 4, .end_col = 11}) == "await save(2, 3)");
    CHECK(fix_at("log(\n    save(2))\n", 2) == "await save(2)");
    CHECK(fix_at("(self\n .save(2)\n .id)\n", 1) == "((await self.save(2)).id)");
}

TEST_CASE("an await of a part of the result becomes that of the call") {
    const Position at{.line = 1, .end_line = 1, .col = 10, .end_col = 17};
    CHECK(fix_in("x = await save(1)[0].id\n", at) == "x = (await save(1))[0].id");
    CHECK(fix_in("x = await save(1).read(2)\n", at) == "x = await (await save(1)).read(2)");
}

TEST_CASE("what cannot be put on one line as it is is left alone") {
    CHECK(fix_at("save(1,\n\n     2)\n", 1) == std::nullopt);
    CHECK(fix_at("save(1,\n\f # one\n  2)\n", 1) == "await save(1, 2)");
    CHECK(fix_at("save(\"\"\"1\n2\"\"\")\n", 1) == std::nullopt);
    CHECK(fix_at("save(1, '\\\n2')\n", 1) == std::nullopt);
    CHECK(fix_at("log(save(1), \"\"\"1\n2\"\"\")\n", 1) == "await save(1)");
    CHECK(fix_at("save(1,\n" + std::string(500, '2') + ")\n", 1) == std::nullopt);
    std::string many = "save(\n";
    for (int i = 0; i < 50; ++i) many += "1,\n";
    CHECK(fix_at(many + ")\n", 1) == std::nullopt);
    // Twice of that name: by columns it is the first, without any it is not known.
    CHECK(fix_in("log(save(1),\n    save(2))\n", {.line = 1, .end_line = 1, .col = 4, .end_col = 11}) ==
          "log(await save(1), save(2))");
    CHECK(fix_at("log(save(1),\n    save(2))\n", 1) == "await save(1)");
}

TEST_CASE("what goes on in the next line would be awaited too") {
    const std::string text = "def f():\n    return (\n        save(1)  # made\n        .filter(2))\n";
    CHECK(fix_in(text, {.line = 3, .end_line = 3, .col = 8, .end_col = 15}) == "(await save(1))");
    CHECK(fix_at(text, 3) == "(await save(1))");
    CHECK(fix_at("x = [\n    save(1),\n    save(2)]\n", 2) == "await save(1)");
}

}  // namespace corotrace::diagnose_call_source_test
