// SPDX-License-Identifier: MIT
#include "tracer/report/metrics.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/findings.hpp"
#include "tests/support/json.hpp"
#include "tracer/report/live_pages.hpp"

namespace corotrace::report_metrics_test {

using test::make_hostile_finding;
using test::make_ordinary_finding;

namespace {

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

SiteCount make_site(Finding finding, const std::string& fingerprint, std::uint64_t count) {
    finding.fingerprint = fingerprint;
    return {.first = std::move(finding), .count = count, .sampled = 1};
}

Summary make_summary(std::uint64_t never_awaited) {
    Summary summary;
    summary.never_awaited = never_awaited;
    summary.lost_tasks = LostTaskCounts{.destroyed_pending = 2, .exception_never_retrieved = 1};
    return summary;
}

TEST_CASE("counts survive the end of a target, and never fall") {
    LiveCounts counts;
    const TargetId one{.pid = 1, .generation = 1};
    const TargetId two{.pid = 2, .generation = 1};
    counts.on_attached(one, {});
    counts.on_attached(two, {});
    counts.on_counts(one, {make_site(make_ordinary_finding(), "a", 5)}, make_summary(5));
    counts.on_counts(two, {make_site(make_ordinary_finding(), "a", 3)}, make_summary(3));
    counts.on_target_end(one, {make_site(make_ordinary_finding(), "a", 7)}, make_summary(7));
    // An estimate that takes something back, and one that nobody was told of before.
    counts.on_counts(two, {make_site(make_ordinary_finding(), "a", 2)}, make_summary(4));
    counts.on_counts({.pid = 3, .generation = 1}, {make_site(make_ordinary_finding(), "a", 9)}, {});
    const auto now = counts.snapshot();
    CHECK(now.watched == 1);
    CHECK(now.began == 2);
    CHECK(now.ended == 1);
    CHECK(now.never_awaited == 11);
    CHECK(now.lost_tasks.destroyed_pending == 4);
    REQUIRE(now.sites.size() == 1);
    CHECK(now.sites[0].count == 10);
}

TEST_CASE("sites that find no room are counted together") {
    LiveCounts counts(1);
    const TargetId one{.pid = 1, .generation = 1};
    counts.on_attached(one, {});
    for (std::uint64_t times = 1; times <= 2; ++times) {
        counts.on_counts(one,
                         {make_site(make_ordinary_finding(), "a", 5 * times),
                          make_site(make_ordinary_finding(), "b", 3 * times),
                          make_site(make_ordinary_finding(), "c", 2 * times)},
                         make_summary(10 * times));
    }
    const auto now = counts.snapshot();
    CHECK(now.sites.size() == 1);
    CHECK(now.other_drops == 10);
    const auto text = format_metrics(now, {}, MetricsFormat::kText);
    CHECK(has(text, "corotrace_site_drops_total{fingerprint=\"a\","));
    CHECK(has(text,
              "corotrace_site_drops_total{fingerprint=\"other\",kind=\"\",coroutine=\"\",place=\"\","
              "mistake=\"\"} 10\n"));
    CHECK(has(text, "corotrace_never_awaited_coroutines_total 20\n"));
}

TEST_CASE("labels are bounded in number and in what they may hold") {
    LiveCounts counts;
    const TargetId one{.pid = 1, .generation = 1};
    counts.on_attached(one, {});
    std::vector<SiteCount> sites;
    for (std::size_t i = 0; i < kMostLabelled + 5; ++i)
        sites.push_back(make_site(make_hostile_finding(), std::to_string(i), 1));
    sites.front().first.coroutine.qualname = "quote\" back\\slash\nline \x1b[31m" + std::string(1000, 'x');
    counts.on_counts(one, sites, make_summary(sites.size()));
    const auto text = format_metrics(counts.snapshot(), {}, MetricsFormat::kText);
    std::size_t series = 0;
    std::size_t begin = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
        const auto line = text.substr(begin, end - begin);
        CHECK(line.size() < 1500);
        if (line.starts_with("corotrace_site_drops_total{")) ++series;
        begin = end + 1;
    }
    CHECK(series == kMostLabelled + 1);
    CHECK(has(text, "\"other\",kind=\"\",coroutine=\"\",place=\"\",mistake=\"\"} 5\n"));
    CHECK_FALSE(has(text, "\x1b"));
    CHECK(has(text, "coroutine=\"quote\\\" back"));
}

TEST_CASE("OpenMetrics is what is asked for") {
    CHECK(choose_metrics("text/plain") == MetricsFormat::kText);
    CHECK(choose_metrics("application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1") ==
          MetricsFormat::kOpenMetrics);
    ServiceFacts facts;
    facts.version = "1.2";
    const auto text = format_metrics({}, facts, MetricsFormat::kOpenMetrics);
    CHECK(has(text, "# TYPE corotrace_stops counter\ncorotrace_stops_total 0\n"));
    CHECK(text.ends_with("# EOF\n"));
    CHECK(has(text, "corotrace_build_info{version=\"1.2\"} 1\n"));
    CHECK(has(format_metrics({}, {}, MetricsFormat::kText), "# TYPE corotrace_stops_total counter\n"));
}

TEST_CASE("sites as JSON and as a page, the most frequent first, safe for who shows them") {
    LiveCounts counts;
    const TargetId one{.pid = 1, .generation = 1};
    counts.on_attached(one, {});
    counts.on_counts(one,
                     {make_site(make_hostile_finding(), "a", 5), make_site(make_ordinary_finding(), "b", 50)},
                     make_summary(55));
    const auto json = nlohmann::json::parse(format_sites_json(counts.snapshot()));
    REQUIRE(json["sites"].size() == 2);
    CHECK(json["sites"][0]["fingerprint"] == "b");
    CHECK(json["sites"][0]["count"] == 50);
    CHECK(json["other_drops"] == 0);
    const auto page = format_live_page(counts.snapshot(), {});
    CHECK(has(page, "<h1>55 never-awaited coroutines at 2 sites</h1>"));
    CHECK_FALSE(has(page, "\x1b"));
    CHECK_FALSE(has(page, "<script>alert"));
}

}  // namespace

}  // namespace corotrace::report_metrics_test
