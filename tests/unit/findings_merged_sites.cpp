// SPDX-License-Identifier: MIT
#include "tracer/findings/merged_sites.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/findings.hpp"
#include "tracer/findings/own_place.hpp"
#include "tracer/findings/run_totals.hpp"

namespace corotrace::findings_merged_sites_test {
namespace {

TEST_CASE("the same site in two processes is one, with the sum of both") {
    Finding here = test::make_ordinary_finding();
    Finding there = here;
    there.created.how = CreationSource::kOrigin;
    MergedSites merged;
    merged.add({4711, 1}, {{test::make_unknown_finding(), 5, 1, true}, {here, 3, 3, true}});
    merged.add({4712, 1}, {{there, 4, 1, false}});
    const auto sites = merged.by_count();
    REQUIRE(sites.size() == 2);
    CHECK(sites[0].site.first.fingerprint == here.fingerprint);
    CHECK(sites[0].site.count == 7U);
    CHECK(sites[0].site.sampled == 4);
    CHECK_FALSE(sites[0].site.exact);
    CHECK(sites[0].site.first.created.how == CreationSource::kOrigin);
    CHECK(sites[0].pids == std::set<pid_t>{4711, 4712});
    CHECK(sites[1].site.count == 5U);
}

TEST_CASE("sites beyond the bound are counted") {
    MergedSites merged(MergedSites::kMost);
    Finding finding = test::make_ordinary_finding();
    for (std::size_t i = 0; i < MergedSites::kMost + 3; ++i) {
        finding.fingerprint = std::to_string(i);
        merged.add({1, 1}, {{finding, 1, 1, true}});
    }
    CHECK(merged.by_count().size() == MergedSites::kMost);
    CHECK(merged.left_out() == 3);
}

TEST_CASE("a site of thousands of processes keeps some of their pids") {
    MergedSites merged(MergedSites::kMost);
    const Finding finding = test::make_ordinary_finding();
    for (pid_t pid = 1; pid <= 5000; ++pid) merged.add({pid, 1}, {{finding, 2, 2, true}});
    REQUIRE(merged.size() == 1);
    const MergedSite site = merged.by_count().front();
    CHECK(site.site.count == 10000U);
    CHECK(site.pids.size() == MergedSite::kMostPids);
}

TEST_CASE("a pid that is given to one process after another counts each") {
    RunTotals totals;
    for (int i = 0; i < 3; ++i) totals.add({4711, 1}, {});
    totals.add({4711, 2}, {});
    CHECK(totals.finish({}, "").processes == 3);
    CHECK(totals.finish({}, "").programs == 4);
}

TEST_CASE("totals of a run: what one program did not count is not counted") {
    RunTotals totals;
    CHECK(totals.empty());
    Summary summary;
    summary.never_awaited = 3;
    summary.coverage.state = CoverageState::kExact;
    totals.add({4711, 1}, summary);
    totals.add({4711, 2}, summary);
    totals.note("once");
    totals.note("once");
    const RunSummary two = totals.finish(std::chrono::milliseconds(5), "over");
    CHECK(two.never_awaited == 6U);
    CHECK(two.processes == 1);
    CHECK(two.programs == 2);
    CHECK(two.exact == 2);
    CHECK(two.notes.size() == 1);
    CHECK_FALSE(two.lost_tasks);
    summary.never_awaited.reset();
    totals.add({4712, 1}, summary);
    CHECK_FALSE(totals.finish({}, "").never_awaited);
}

TEST_CASE("the place in own code is the innermost one that is not a library's") {
    Finding finding = test::make_ordinary_finding();
    CHECK(own_place(finding, {})->file == "/srv/app/cache.py");
    finding.dropped.frames->push_back({"get", "get", "/usr/lib/python3.11/queue.py", 5, {}, {}, {}, {}});
    CHECK(own_place(finding, {})->file == "/srv/app/cache.py");
    finding.dropped.ended = Frame{"gone", "gone", "/srv/app/gone.py", 7, {}, {}, {}, {}};
    CHECK(own_place(finding, {})->file == "/srv/app/gone.py");
    finding.dropped.ended.reset();
    finding.dropped.cause = DropCause::kCyclicGc;
    finding.created.frames.clear();
    CHECK(own_place(finding, {}) == nullptr);
    CHECK(own_place(test::make_lost_task_finding(), {})->file == "/srv/app/feed.py");
}

}  // namespace
}  // namespace corotrace::findings_merged_sites_test
