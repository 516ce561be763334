// SPDX-License-Identifier: MIT
// The formats of whole lists of sites against tests/golden, and where they say a finding is.
#include "tests/support/findings.hpp"
#include "tests/support/golden.hpp"
#include "tracer/findings/merged_sites.hpp"
#include "tracer/report/site_formats.hpp"
#include "tracer/report/site_place.hpp"

namespace corotrace::report_site_formats_test {
namespace {

const SiteFormatOptions kOptions{.source_root = "/srv/app", .version = "0.1.0"};

struct NamedFormat {
    const char* file;
    std::string (*format)(std::span<const SiteCount>, const SiteFormatOptions&);
};
constexpr NamedFormat kFormats[] = {
    {"sites.sarif", format_sarif},        {"sites.junit.xml", format_junit},
    {"sites.github", format_github},      {"sites.github.md", format_github_summary},
    {"sites.gitlab.json", format_gitlab},
};

// A line of which the fix is the same with an await in it, behind characters of one and two code units.
Finding make_pasteable_finding() {
    Finding finding = test::make_ordinary_finding();
    finding.fingerprint = "00000000000000aa";
    finding.created.frames = {{"run", "run", "/srv/app/run it.py", 7, 7, 26, 32,
                               "    x = '\xc3\xa9\xf0\x9f\x98\x80', 100 % f(1, 2)"}};
    finding.created.frames.front().col = 24;
    finding.created.frames.front().end_col = 31;
    finding.mistake = Mistake{"used_as_value", "f() makes a coroutine",
                              "x = '\xc3\xa9\xf0\x9f\x98\x80', 100 % await f(1, 2)"};
    finding.test = "tests/test_app.py::test_run[a|b]";
    return finding;
}

std::vector<SiteCount> make_sites() {
    return {{test::make_ordinary_finding(), 7990, 29, true},
            {test::make_unknown_finding(), 9, 1, false},
            {test::make_lost_task_finding(), 1, 1, true},
            {test::make_lost_exception_finding(), std::nullopt, 0, false},
            {make_pasteable_finding(), 1, 1, true}};
}

TEST_CASE("the formats of lists of sites") {
    for (const NamedFormat& format : kFormats)
        test::check_golden(format.file, format.format(make_sites(), kOptions));
}

TEST_CASE("sites that tell of one thing name each other") {
    SiteCount coroutine{test::make_ordinary_finding(), 7990, 29, true};
    SiteCount task{test::make_lost_task_finding(), 1, 1, true};
    task.first.coroutine = coroutine.first.coroutine;
    task.first.lost_task->awaiting.emplace();
    const std::vector<SiteCount> sites{coroutine, task};
    test::check_golden("related.sarif", format_sarif(sites, kOptions));
    const std::string junit = format_junit(sites, kOptions);
    CHECK(junit.find("related: coroutine &#39;Store.save&#39; was never awaited") != std::string::npos);
    CHECK(junit.find("related: task &#39;Task-7&#39; of &#39;Store.save&#39; was destroyed") !=
          std::string::npos);
}

TEST_CASE("the formats of a list without sites") {
    test::check_golden("no_sites.sarif", format_sarif({}, kOptions));
    test::check_golden("no_sites.junit.xml", format_junit({}, kOptions));
    CHECK(format_github({}, kOptions).empty());
    CHECK(format_gitlab({}, kOptions) == "[]\n");
}

TEST_CASE("the formats of lists of a target that wants to hurt its reader") {
    const std::vector<SiteCount> sites = {{test::make_hostile_finding(), 1, 1, false},
                                          {test::make_hostile_lost_task(), 1, 1, true}};
    test::check_golden("hostile.sarif", format_sarif(sites, kOptions));
    test::check_golden("hostile.junit.xml", format_junit(sites, kOptions));
    for (const NamedFormat& format : kFormats) {
        INFO(format.file);
        for (const char c : format.format(sites, kOptions)) {
            CHECK((c == '\n' || static_cast<unsigned char>(c) >= 0x20));
            CHECK(c != '\x7f');
        }
    }
}

TEST_CASE("the same sites in another order give the same bytes") {
    std::vector<SiteCount> sites = make_sites();
    std::vector<SiteCount> turned(sites.rbegin(), sites.rend());
    for (const NamedFormat& format : kFormats) {
        INFO(format.file);
        CHECK(format.format(sites, kOptions) == format.format(turned, kOptions));
    }
}

TEST_CASE("a time or a process id changes no byte") {
    std::vector<SiteCount> sites = make_sites();
    std::vector<SiteCount> later = sites;
    for (SiteCount& site : later) {
        site.first.time += std::chrono::hours(7);
        site.first.pid = 1;
        site.first.tid = 2;
    }
    for (const NamedFormat& format : kFormats)
        CHECK(format.format(sites, kOptions) == format.format(later, kOptions));
}

TEST_CASE("the place of a finding is its innermost line under the source root") {
    const Finding finding = test::make_ordinary_finding();
    CHECK(find_place(finding, "/srv/app")->file == "/srv/app/cache.py");
    CHECK(find_place(finding, "/usr/lib")->file == "/usr/lib/python3.11/asyncio/runners.py");
    CHECK(find_place(finding, "")->file == "/srv/app/cache.py");
    CHECK_FALSE(find_place(test::make_unknown_finding(), "/"));
}

TEST_CASE("files under the source root are told relative to it") {
    CHECK(make_source_path("/srv/app/a.py", "/srv/app/").path == "a.py");
    CHECK(make_source_path("/srv/application/a.py", "/srv/app").path == "/srv/application/a.py");
    CHECK(make_source_path("/a.py", "").path == "/a.py");
    CHECK(make_source_path("a.py", "/srv").relative);
    CHECK_FALSE(make_source_path("<string>", "/srv").relative);
}

TEST_CASE("columns count code units of UTF-16") {
    CHECK(count_utf16("a\xc3\xa9\xe4\xbd\xa0\xf0\x9f\x98\x80") == 5);
    Frame frame = make_pasteable_finding().created.frames.front();
    REQUIRE(find_columns(frame));
    CHECK(find_columns(frame)->begin == 22);
    CHECK(find_columns(frame)->end == 29);
    frame.end_col = 200;
    CHECK_FALSE(find_columns(frame));
    frame.end_col = 3;
    CHECK_FALSE(find_columns(frame));
}

TEST_CASE("a fix is pasted only where it is the line with an await in it") {
    const Finding finding = make_pasteable_finding();
    CHECK(find_missing_await(finding, finding.created.frames.front()) == std::optional<std::size_t>(24));
    const Finding words = test::make_ordinary_finding();
    CHECK_FALSE(find_missing_await(words, words.created.frames.front()));
}

TEST_CASE("merging adds counts and keeps the earliest finding, in whatever order") {
    SiteCount early{test::make_ordinary_finding(), 2, 2, true};
    SiteCount late{test::make_ordinary_finding(), 5, 1, true};
    late.first.time += std::chrono::seconds(1);
    SiteCount uncounted{test::make_ordinary_finding(), std::nullopt, 0, false};
    uncounted.first.time += std::chrono::seconds(2);
    std::vector<SiteCount> order = {early, late, uncounted};
    for (int i = 0; i < 3; ++i) {
        MergedSites merged;
        for (const SiteCount& site : order) merged.add(site);
        REQUIRE(merged.size() == 1);
        CHECK(merged.by_count().front().site.count == std::optional<std::uint64_t>(7));
        CHECK(merged.by_count().front().site.sampled == 3);
        CHECK_FALSE(merged.by_count().front().site.exact);
        CHECK(merged.by_count().front().site.first.time == early.first.time);
        std::rotate(order.begin(), order.begin() + 1, order.end());
    }
}

TEST_CASE("a sum of counts from files does not run over") {
    MergedSites merged;
    merged.add({test::make_ordinary_finding(), 18446744073709551615U, 1, true});
    merged.add({test::make_ordinary_finding(), 2, 1, true});
    CHECK(merged.by_count().front().site.count == std::optional<std::uint64_t>(18446744073709551615U));
}

}  // namespace
}  // namespace corotrace::report_site_formats_test
