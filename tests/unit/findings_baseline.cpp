// SPDX-License-Identifier: MIT
#include "tests/support/catch.hpp"
#include "tests/support/findings.hpp"
#include "tracer/findings/baseline.hpp"
#include "tracer/report/baseline_report.hpp"

namespace corotrace::findings_baseline_test {
namespace {

Baseline parse(std::string_view text) {
    auto baseline = Baseline::parse(text, OwnCode());
    INFO((baseline ? "" : baseline.error().what));
    REQUIRE(baseline);
    return std::move(baseline).value();
}

// Keeps what it is told last.
struct KeepingReport final : RunReport {
    std::vector<Finding> findings;
    std::vector<SiteCount> sites;
    Summary summary;

    void on_begin(const RunFacts&) override {}
    void on_attached(const TargetId&, const AttachedFacts&) override {}
    void on_finding(const TargetId&, const Finding& finding) override { findings.push_back(finding); }
    void on_progress(const Progress&) override {}
    void on_target_end(const TargetId&, const std::vector<SiteCount>& all, const Summary& end) override {
        sites = all;
        summary = end;
    }
    void on_end(const RunSummary&) override {}
};

std::string fault(std::string_view text) {
    const auto baseline = Baseline::parse(text, OwnCode());
    return baseline ? "" : baseline.error().what;
}

TEST_CASE("what was added is known, and stands in a line for people") {
    Baseline baseline{OwnCode()};
    const Finding finding = test::make_ordinary_finding();
    CHECK_FALSE(baseline.knows(finding));
    baseline.add(finding, "2026-11-25", "/srv");
    CHECK(baseline.knows(finding));
    const std::string text = baseline.format();
    CHECK(text.ends_with(
        "\n3f9a2c1e77aa0b12  Store.save  app/cache.py in Cache.__setitem__  since 2026-11-25\n"));
    CHECK(text.starts_with("# corotrace baseline"));

    Baseline again = parse(text);
    CHECK(again.format() == text);
    CHECK(again.unused_entries() == 1);
    CHECK(again.knows(finding));
    CHECK(again.unused_entries() == 0);
    // The line that stands there stays: it says since when.
    again.add(finding, "2027-01-01", "/srv");
    CHECK(again.format() == text);
}

TEST_CASE("entries are sorted, rules and comments stay as they are") {
    const std::string head = "# ours\nignore qualname Audit*.record  # fire and forget, #12\n# more\n";
    const std::string text = head + "0000000000000001  a\n" + "0000000000000002  b\n";
    CHECK(parse("0000000000000002  b\n" + head + "\n0000000000000001  a").format() == text);
    CHECK(parse(text).format() == text);
}

TEST_CASE("an ignore rule is by fingerprint, qualified name or file, and tells if it matched nothing") {
    const Finding finding = test::make_ordinary_finding();
    const auto matches = [&](const std::string& rule) {
        Baseline baseline = parse("ignore " + rule + " # known");
        const bool known = baseline.knows(finding);
        CHECK(baseline.unused_rules().empty() == known);
        return known;
    };
    CHECK(matches("qualname Store.*"));
    CHECK_FALSE(matches("qualname save"));
    CHECK(matches("file /srv/app/cache.py"));
    CHECK(matches("file app/cache.py"));
    CHECK(matches("file app/store.py"));
    CHECK_FALSE(matches("file pp/cache.py"));
    CHECK_FALSE(matches("file app/main.py"));
    CHECK(matches("fingerprint 3f9a2c1e77aa0b12"));
    CHECK_FALSE(matches("fingerprint 3f9a2c1e77aa0b13"));
}

TEST_CASE("what is no baseline is refused with its line") {
    CHECK(fault("# fine\nnonsense").starts_with("line 2: 'nonsense'"));
    CHECK(fault("ignore qualname f").find("reason") != std::string::npos);
    CHECK(fault("ignore qualname f #  ").find("reason") != std::string::npos);
    CHECK_FALSE(fault("ignore name f # why").empty());
    CHECK_FALSE(fault("ignore fingerprint f # why").empty());
    CHECK_FALSE(fault("ignore qualname f g # why").empty());
    CHECK(fault("<<<<<<< ours\n").find("merge conflict") != std::string::npos);
    CHECK(fault("").empty());
}

TEST_CASE("reports get what the baseline does not know, with totals that fit") {
    Baseline baseline = parse("3f9a2c1e77aa0b12\n");
    KeepingReport report;
    BaselineReport filter(report, baseline);
    const TargetId target{4711, 1};
    filter.on_finding(target, test::make_ordinary_finding());
    filter.on_finding(target, test::make_lost_task_finding());
    Summary summary;
    summary.never_awaited = 10;
    summary.sampled = 4;
    summary.sites = 2;
    summary.lost_tasks = LostTaskCounts{.destroyed_pending = 3, .exception_never_retrieved = 0};
    filter.on_target_end(
        target, {{test::make_ordinary_finding(), 10, 4, true}, {test::make_lost_task_finding(), 3, 3, true}},
        summary);
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings.front().kind == FindingKind::kTaskDestroyedPending);
    REQUIRE(report.sites.size() == 1);
    CHECK(report.summary.never_awaited == 0);
    CHECK(report.summary.sampled == 0);
    CHECK(report.summary.sites == 1);
    CHECK(report.summary.lost_tasks->destroyed_pending == 3);
    CHECK(report.summary.notes.size() == 1);
}

TEST_CASE("a baseline that learns shows new sites once and knows them then") {
    Baseline baseline{OwnCode()};
    KeepingReport report;
    BaselineReport filter(report, baseline);
    filter.learn("2026-11-25", "/srv");
    const std::vector<SiteCount> sites{{test::make_ordinary_finding(), 1, 1, true}};
    filter.on_target_end({1, 1}, sites, {});
    CHECK(report.sites.size() == 1);
    CHECK(baseline.knows(test::make_ordinary_finding()));
}

TEST_CASE("an update takes out what was not found, and keeps rules and dates") {
    Finding finding = test::make_ordinary_finding();
    Baseline baseline = parse("# ours\nignore file vendor/* # not ours\n" + finding.fingerprint +
                              "  Orders.save  since 2020-01-01\n0000000000000000  gone  since 2020-01-01\n");
    CHECK(baseline.knows(finding));
    CHECK(baseline.forget_unused() == 1);
    CHECK(baseline.format() == "# ours\nignore file vendor/* # not ours\n" + finding.fingerprint +
                                   "  Orders.save  since 2020-01-01\n");
}

}  // namespace
}  // namespace corotrace::findings_baseline_test
