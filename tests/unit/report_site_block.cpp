// SPDX-License-Identifier: MIT
// Lines of a site's block that depend on what is known.
#include "tracer/report/site_block.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/findings.hpp"

namespace corotrace::report_site_block_test {
namespace {

std::string format(const Finding& finding) {
    const OwnCode own;
    const SiteBlock block(
        {.paint = Paint(false), .own = own, .columns = 80, .full_stack = false, .several = false});
    return block.format({.first = finding, .count = 1}, 0, {});
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string format_nones(std::size_t nones, bool others) {
    Finding finding = test::make_ordinary_finding();
    auto& arguments = finding.coroutine.arguments.emplace();
    if (others) arguments.push_back({.name = "x", .type = "int", .value = {}});
    for (std::size_t i = 0; i < nones; ++i)
        arguments.push_back({.name = "a" + std::to_string(i), .type = "NoneType", .value = {}});
    return format(finding);
}

}  // namespace

TEST_CASE("arguments that are None are folded") {
    CHECK(has(format_nones(1, true), "  arguments  x: int, a0: None\n"));
    CHECK(has(format_nones(3, true), "  arguments  x: int, 3 more that are None\n"));
    CHECK(has(format_nones(1, false), "  arguments  a0: None\n"));
    CHECK(has(format_nones(3, false), "  arguments  3, all of them None\n"));
}

TEST_CASE("a fix is a change of its line, with the lines beside it; advice is words on a line of their own") {
    Finding finding = test::make_ordinary_finding();
    finding.mistake->fix = "if old and await store.save(record): pass";
    finding.mistake->advice.reset();
    std::string text = format(finding);
    CHECK(has(text,
              "  fix          old = self.get(key)\n"
              "             - if old and store.save(record): pass\n"
              "             + if old and await store.save(record): pass\n"));
    CHECK_FALSE(has(text, "advice"));
    finding.mistake->fix = "await store.save(record)";
    finding.mistake->advice = "keep it";
    text = format(finding);
    CHECK(has(text, "  fix        await store.save(record)\n  advice     keep it\n"));
    finding.mistake->fix.reset();
    text = format(finding);
    CHECK_FALSE(has(text, "  fix "));
    CHECK(has(text, "  advice     keep it\n"));
}

}  // namespace corotrace::report_site_block_test
