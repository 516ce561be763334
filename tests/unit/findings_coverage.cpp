// SPDX-License-Identifier: MIT
#include "tracer/findings/coverage.hpp"

#include "tests/support/catch.hpp"

namespace corotrace::findings_coverage_test {
namespace {

TEST_CASE("equal counts are exact, whatever else happened") {
    CoverageEvidence evidence{.dealloc = 6, .warned = 6};
    CHECK(judge_coverage(evidence).state == CoverageState::kExact);
    CHECK_FALSE(judge_coverage(evidence).why);
    evidence.replaced = evidence.dropped_elsewhere = evidence.target_ended = true;
    CHECK(judge_coverage(evidence).state == CoverageState::kExact);
}

TEST_CASE("without a cross-check nothing is known") {
    const Coverage coverage = judge_coverage({.dealloc = 6, .warned = {}});
    CHECK(coverage.state == CoverageState::kUnknown);
    CHECK(coverage.dealloc == 6U);
    CHECK_FALSE(coverage.warned);
    CHECK(coverage.why);
}

TEST_CASE("Python warns of nothing as long as the module warnings is not imported") {
    const Coverage none = judge_coverage({.dealloc = 0, .warned = {}, .never_imported = true});
    CHECK(none.state == CoverageState::kExact);
    CHECK_FALSE(none.warned);
    CHECK(none.why);
    CHECK(judge_coverage({.dealloc = 1, .warned = {}, .never_imported = true}).state ==
          CoverageState::kUnknown);
    CHECK(judge_coverage({.dealloc = 0, .warned = {}}).state == CoverageState::kUnknown);
}

TEST_CASE("only what a finalizing interpreter dropped excuses a difference") {
    CHECK(judge_coverage({.dealloc = 6, .warned = 3, .at_shutdown = 0}).state == CoverageState::kIncomplete);
    CHECK(judge_coverage({.dealloc = 6, .warned = 3, .at_shutdown = 2}).state == CoverageState::kIncomplete);
    const Coverage excused = judge_coverage({.dealloc = 6, .warned = 3, .at_shutdown = 3});
    CHECK(excused.state == CoverageState::kExact);
    CHECK(excused.why->starts_with("3 were dropped at interpreter shutdown"));
}

TEST_CASE("more warnings than drops are never excused") {
    CHECK(judge_coverage({.dealloc = 3, .warned = 4, .at_shutdown = 9}).state == CoverageState::kIncomplete);
}

TEST_CASE("a difference names its likeliest reason") {
    CoverageEvidence evidence{.dealloc = 6, .warned = 3};
    CHECK(judge_coverage(evidence).why == "the two counts differ");
    evidence.target_ended = true;
    CHECK(judge_coverage(evidence).why == "the target ended before both counts could be compared at rest");
    evidence.dropped_elsewhere = true;
    CHECK(judge_coverage(evidence).why->starts_with("interpreters that started"));
    evidence.replaced = true;
    CHECK(judge_coverage(evidence).why->starts_with("warnings._warn_unawaited_coroutine was replaced"));
}

}  // namespace
}  // namespace corotrace::findings_coverage_test
