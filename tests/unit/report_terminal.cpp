// SPDX-License-Identifier: MIT
#include "tracer/report/terminal.hpp"

#include <sstream>

#include "symbols/escape.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/findings.hpp"
#include "tests/support/recording_writer.hpp"
#include "tracer/report/site_table.hpp"
#include "tracer/report/status_line.hpp"

namespace corotrace::report_terminal_test {
namespace {

TerminalFacts make_terminal() {
    TerminalFacts facts;
    facts.is_terminal = true;
    facts.term = "xterm-256color";
    return facts;
}

TEST_CASE("a terminal gets colors, a file does not") {
    CHECK(wants_color(ColorMode::kAuto, make_terminal()));
    CHECK_FALSE(wants_color(ColorMode::kAuto, TerminalFacts{}));
}

TEST_CASE("the option --color outweighs everything") {
    TerminalFacts facts = make_terminal();
    CHECK_FALSE(wants_color(ColorMode::kNever, facts));
    facts.no_color = "1";
    facts.term = "dumb";
    facts.is_terminal = false;
    CHECK(wants_color(ColorMode::kAlways, facts));
}

TEST_CASE("NO_COLOR, CLICOLOR_FORCE and TERM are respected, in this order") {
    TerminalFacts facts = make_terminal();
    facts.no_color = "";
    CHECK(wants_color(ColorMode::kAuto, facts));
    facts.no_color = "0";
    facts.clicolor_force = "1";
    CHECK_FALSE(wants_color(ColorMode::kAuto, facts));

    facts = TerminalFacts{};
    facts.clicolor_force = "0";
    CHECK_FALSE(wants_color(ColorMode::kAuto, facts));
    facts.clicolor_force = "1";
    facts.term = "dumb";
    CHECK(wants_color(ColorMode::kAuto, facts));

    facts = make_terminal();
    facts.term = "dumb";
    CHECK_FALSE(wants_color(ColorMode::kAuto, facts));
    CHECK_FALSE(can_redraw(facts));
    facts.term = std::nullopt;
    CHECK_FALSE(can_redraw(facts));
}

TEST_CASE("paint puts sequences round text, or nothing at all") {
    CHECK(Paint(false)(Style::kHeadline, "x") == "x");
    CHECK(Paint(true)(Style::kGood, "x") == "\x1b[32mx\x1b[0m");
    CHECK(Paint(true)(Style::kGood, "").empty());
}

Progress make_progress() {
    Progress progress;
    progress.elapsed = std::chrono::milliseconds(3725900);
    progress.never_awaited = 8000;
    progress.per_second = 319.6;
    progress.sites = 1;
    progress.stops = 31;
    progress.pause_total = std::chrono::microseconds(1234);
    return progress;
}

TEST_CASE("the status line tells what runs, on one line") {
    CHECK(format_status(make_progress(), 80) ==
          "01:02:05  8000 never-awaited coroutines  320/s  1 site  31 stops  paused 1.2 ms");
    CHECK(format_status(make_progress(), 20) == "01:02:05  8000 n...");
    CHECK(format_status(make_progress(), 0).empty());
}

class CountingReport final : public RunReport {
public:
    void on_begin(const RunFacts&) override { ++calls; }
    void on_attached(const TargetId&, const AttachedFacts&) override { ++calls; }
    void on_finding(const TargetId&, const Finding&) override { ++calls; }
    void on_progress(const Progress&) override { ++calls; }
    void on_target_end(const TargetId&, const std::vector<SiteCount>&, const Summary&) override { ++calls; }
    void on_end(const RunSummary&) override { ++calls; }
    int calls = 0;
};

TEST_CASE("the status line passes everything on and is gone at the end") {
    CountingReport inner;
    test::RecordingWriter writer;
    StatusLine line(inner, writer, [] { return std::size_t{80}; });
    line.on_begin({});
    line.on_attached({}, {});
    line.on_progress(make_progress());
    line.on_finding({}, {});
    line.on_target_end({}, {}, {});
    line.on_end({});
    CHECK(inner.calls == 6);
    REQUIRE(writer.statuses().size() == 3);
    CHECK_FALSE(writer.statuses().front().empty());
    CHECK(writer.statuses().back().empty());
}

TEST_CASE("the table keeps to the width of the terminal") {
    Finding finding = test::make_ordinary_finding();
    finding.coroutine.qualname = std::string(60, 'q');
    finding.dropped.frames->back().file = "/" + std::string(120, 'd') + "/end.py";
    const std::vector<TableRow> rows = {make_table_row({finding, 123456789, 1, false}, 12, 987654321, {})};
    for (const std::size_t columns : {60U, 80U, 120U, 200U}) {
        const std::string table = format_table(rows, columns, Paint(false));
        INFO(table);
        std::istringstream lines(table);
        for (std::string line; std::getline(lines, line);) CHECK(display_width(line) <= columns);
        CHECK(table.find("Cache.__setitem__") != std::string::npos);
    }
    const std::string whole = format_table(rows, std::nullopt, Paint(false));
    CHECK(whole.find(*finding.coroutine.qualname) != std::string::npos);
    CHECK(whole.find("12.5 %") != std::string::npos);
    CHECK(format_table(rows, 1, Paint(false)).find("...") != std::string::npos);
}

}  // namespace
}  // namespace corotrace::report_terminal_test
