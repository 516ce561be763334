// SPDX-License-Identifier: MIT
// Reports that are read back: what jsonl writes, what a killed corotrace leaves of it, and what is none.
#include <sstream>

#include "tests/support/findings.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/recording_writer.hpp"
#include "tracer/report/formats.hpp"
#include "tracer/report/jsonl_reader.hpp"
#include "tracer/report/report_merge.hpp"

namespace corotrace::report_merge_test {
namespace {

std::string write_sites(const std::vector<SiteCount>& sites) {
    test::RecordingWriter writer;
    const auto report = find_format("jsonl")->make({.writer = writer, .now = test::golden_time});
    report->on_target_end({.pid = 4711}, sites, Summary{});
    return writer.text();
}

void add(ReportMerge& merge, const std::string& text) {
    std::istringstream stream(text);
    const Status added = merge.add(stream, "a.jsonl");
    INFO((added ? "" : added.error().what));
    REQUIRE(added);
}

TEST_CASE("a site that was written and read is written the same again") {
    Finding full = test::make_hostile_lost_task();
    full.fingerprint = "00ff";
    full.count = std::nullopt;
    for (const Finding& finding : {test::make_ordinary_finding(), test::make_lost_task_finding(),
                                   test::make_lost_exception_finding(), test::make_unknown_finding(), full}) {
        const std::string text = write_sites({{finding, 7, 3, true}});
        const std::string line = text.substr(0, text.find('\n'));
        const auto read = parse_report_line(line);
        REQUIRE(read);
        CHECK(read->event == ReportedLine::Event::kSite);
        const std::string again = write_sites({read->site});
        CHECK(again.substr(0, again.find('\n')) == line);
    }
}

TEST_CASE("reports are added up by fingerprint, in whatever order") {
    const std::string golden = test::read_text(test::test_data("golden/session.jsonl"));
    const std::string other = test::read_text(test::test_data("golden/lost_tasks.jsonl"));
    ReportMerge one;
    add(one, golden);
    add(one, other);
    add(one, golden);
    ReportMerge two;
    add(two, golden);
    add(two, golden);
    add(two, other);
    CHECK(one.sites().by_count().front().site.count == std::optional<std::uint64_t>(2 * 7990));
    CHECK(write_sites(one.sites().by_fingerprint()) == write_sites(two.sites().by_fingerprint()));
    CHECK(one.summary().never_awaited == std::optional<std::uint64_t>(16000));
    CHECK(one.summary().coverage.dealloc == std::optional<std::uint64_t>(24000));
    CHECK(one.total().programs == 3);
    CHECK(one.total().exact == 3);
}

TEST_CASE("a report that breaks off counts as far as it goes") {
    const std::string golden = test::read_text(test::test_data("golden/session.jsonl"));
    const std::size_t sites = golden.find("{\"schema\":\"corotrace/1\",\"event\":\"site\"");
    ReportMerge merge;
    add(merge, golden.substr(0, sites + 100));  // in the middle of a line
    REQUIRE(merge.sites().size() == 2);
    CHECK(merge.sites().by_count().front().site.count == std::optional<std::uint64_t>(2));
    CHECK_FALSE(merge.sites().by_count().front().site.exact);
    CHECK(merge.total().exact == 0);
    REQUIRE(merge.summary().notes.size() == 1);
    CHECK(merge.summary().notes[0].find("break off") != std::string::npos);
}

TEST_CASE("what is no report is refused by its line") {
    ReportMerge merge;
    for (const char* text : {"x\n", "[]\n", "{}\n", "{\"schema\":\"corotrace/2\"}\n",
                             "{\"schema\":\"corotrace/1\",\"event\":\"site\"}\n"}) {
        std::istringstream stream(text);
        const Status added = merge.add(stream, "a.jsonl");
        REQUIRE_FALSE(added);
        CHECK(added.error().what.find("a.jsonl, line 1: ") == 0);
    }
    CHECK(merge.sites().size() == 0);
}

TEST_CASE("values of a wrong type are unknown") {
    const auto read = parse_report_line(
        R"({"schema":"corotrace/1","event":"site","fingerprint":"a","pid":-1e9,"count":-3,"time":"2026-99-31T12:03:55.123456Z",)"
        R"("coroutine":[],"created":{"how":7,"frames":{}},"dropped":{"frames":[1,{"line":99999999999,"file":3}]},"notes":{"a":1}})");
    REQUIRE(read);
    CHECK_FALSE(read->site.count);
    CHECK(read->site.first.dropped.frames->size() == 2);
    CHECK_FALSE(read->site.first.dropped.frames->at(1).line);
    CHECK(read->site.first.time == std::chrono::system_clock::time_point());
    CHECK(read->site.first.created.how == CreationSource::kUnknown);
}

TEST_CASE("events of a newer corotrace are passed over") {
    ReportMerge merge;
    add(merge, "{\"schema\":\"corotrace/1\",\"event\":\"weather\"}\n\n");
    CHECK_FALSE(merge.target());
    CHECK(merge.total().programs == 0);
}

}  // namespace
}  // namespace corotrace::report_merge_test
