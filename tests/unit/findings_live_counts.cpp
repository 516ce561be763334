// SPDX-License-Identifier: MIT
// What a site of a run that goes on is shown with: the best that is known of it by now.
#include "tracer/findings/live_counts.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/findings.hpp"

namespace corotrace::findings_live_counts_test {
namespace {

const TargetId kOne{.pid = 4711, .generation = 1};
const TargetId kOther{.pid = 4712, .generation = 1};

void tell(LiveCounts& counts, const TargetId& target, Finding finding, std::uint64_t count,
          bool exact = true) {
    finding.pid = target.pid;
    counts.on_counts(target, {{.first = finding, .count = count, .exact = exact}}, {});
}

}  // namespace

TEST_CASE("a site's finding is made better by what its process tells later") {
    LiveCounts counts;
    counts.on_begin({});
    counts.on_attached(kOne, {});
    Finding finding = test::make_ordinary_finding();
    counts.on_finding(kOne, finding);
    const auto first = counts.snapshot().sites[0].first;
    tell(counts, kOne, finding, 3);
    CHECK(counts.snapshot().sites[0].first == first);  // nothing new, no copy
    finding.mistake->id = "result_discarded";
    tell(counts, kOne, finding, 4, false);
    const LiveSnapshot now = counts.snapshot();
    CHECK(now.sites[0].first->mistake->id == "result_discarded");
    CHECK(first->mistake->id == "tested_for_truth");
    CHECK(now.sites[0].count == 4);
    CHECK_FALSE(now.sites[0].exact);
    CHECK(now.counted > std::chrono::steady_clock::time_point{});
}

TEST_CASE("what another process tells of a site counts where it was seen better") {
    LiveCounts counts;
    counts.on_attached(kOne, {});
    counts.on_attached(kOther, {});
    Finding finding = test::make_ordinary_finding();
    finding.created = {};
    counts.on_finding(kOne, finding);
    Finding other = finding;
    other.created = test::make_ordinary_finding().created;
    other.tid.reset();  // a capture, which is not seen better
    other.mistake.reset();
    tell(counts, kOther, other, 5);
    const auto known = counts.snapshot().sites[0].first;
    CHECK(known->created.how == CreationSource::kInferred);
    CHECK(known->mistake);
    CHECK(known->pid == 4711);
}

TEST_CASE("what an estimate takes back is not counted twice, and no count falls") {
    LiveCounts counts;
    counts.on_attached(kOne, {});
    counts.on_attached(kOther, {});
    const Finding finding = test::make_ordinary_finding();
    tell(counts, kOther, finding, 5);
    tell(counts, kOne, finding, 10, false);
    tell(counts, kOne, finding, 4);
    CHECK(counts.snapshot().sites[0].count == 15);
    tell(counts, kOne, finding, 12);
    CHECK(counts.snapshot().sites[0].count == 17);
}

TEST_CASE("drops whose coroutine has no name yet are those of a site only at the end") {
    LiveCounts counts;
    counts.on_attached(kOne, {});
    Finding unnamed = test::make_ordinary_finding();
    unnamed.coroutine.qualname.reset();
    tell(counts, kOne, unnamed, 3);
    CHECK(counts.snapshot().sites.empty());
    counts.on_target_end(kOne, {{.first = unnamed, .count = 3, .exact = true}}, {});
    REQUIRE(counts.snapshot().sites.size() == 1);
    CHECK(counts.snapshot().sites[0].count == 3);
}

}  // namespace corotrace::findings_live_counts_test
