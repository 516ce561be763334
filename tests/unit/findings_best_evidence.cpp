// SPDX-License-Identifier: MIT
// Which drop of a site tells its diagnosis, and that the order in which they come does not matter.
#include "tracer/findings/best_evidence.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"
#include "tests/support/findings.hpp"
#include "tracer/findings/site_ledger.hpp"

namespace corotrace::findings_best_evidence_test {
namespace {

Finding stopped() {
    Finding finding = test::make_ordinary_finding();
    finding.created = {};
    finding.mistake = Mistake{"used_as_value", "f() is used"};
    return finding;
}

Finding captured() {
    Finding finding = stopped();
    finding.tid.reset();
    finding.coroutine.arguments.reset();
    return finding;
}

CreatedFacts created_at(int line, std::size_t frames) {
    Frame frame;
    frame.file = "/srv/app/made.py";
    frame.line = line;
    return {.how = CreationSource::kOrigin, .frames = std::vector<Frame>(frames, frame)};
}

// Either is examined as the drop, and as the other.
void check_better(const Finding& better, const Finding& worse) {
    CHECK(is_better_seen(better, worse));
    CHECK_FALSE(is_better_seen(worse, better));
    CHECK_FALSE(is_better_seen(better, better));
}

}  // namespace

TEST_CASE("a stop tells more than a capture, whatever that says") {
    Finding capture = captured();
    capture.mistake->fix = "await f()";
    check_better(stopped(), capture);
}

TEST_CASE("what was read whole tells more, whatever the rest says") {
    Finding part = stopped();
    part.mistake->fix = "await f()";
    part.notes = {"not all was read, to keep the stop short"};
    check_better(stopped(), part);
}

TEST_CASE("a diagnosis that says more is better") {
    Finding none = stopped();
    none.mistake.reset();
    Finding unknown = stopped();
    unknown.mistake = Mistake{"unknown", "nothing awaited f()"};
    Finding advised = stopped();
    advised.mistake->advice = "make g() async";
    Finding fixed = stopped();
    fixed.mistake->fix = "await f()";
    check_better(stopped(), none);
    check_better(stopped(), unknown);
    check_better(advised, stopped());
    check_better(fixed, advised);
}

TEST_CASE("a known function that ended is better") {
    Finding ended = stopped();
    ended.dropped.ended.emplace().name = "g";
    check_better(ended, stopped());
}

TEST_CASE("a known line to change is better") {
    Finding placed = stopped();
    placed.mistake->place.emplace().name = "g";
    check_better(placed, stopped());
}

TEST_CASE("drops that are seen alike are told apart all the same") {
    Finding other = stopped();
    other.mistake->id = "compared";
    check_better(other, stopped());
    other = stopped();
    other.tid = *other.tid - 1;
    check_better(other, stopped());
}

TEST_CASE("where it was created is known best from the longest stack that was noted") {
    const CreatedFacts unknown;
    CreatedFacts inferred = created_at(3, 1);
    inferred.how = CreationSource::kInferred;
    CHECK(is_better_known(inferred, unknown));
    CHECK(is_better_known(created_at(3, 1), inferred));
    CHECK(is_better_known(created_at(3, 11), created_at(3, 1)));
    CHECK(is_better_known(created_at(3, 2), created_at(4, 2)));
    CHECK_FALSE(is_better_known(created_at(4, 2), created_at(3, 2)));
    CHECK_FALSE(is_better_known(unknown, unknown));
}

TEST_CASE("a site tells the same, in whatever order its drops come") {
    Finding first = captured();
    first.created = created_at(3, 11);
    Finding second = stopped();
    second.created = created_at(4, 1);
    second.mistake->advice = "make g() async";
    Finding third = stopped();
    third.mistake->id = "compared";
    Finding fourth = stopped();
    fourth.mistake->id = "formatted";
    std::vector<Finding> drops{first, second, third, fourth};
    std::vector<std::size_t> order{0, 1, 2, 3};
    do {
        SiteLedger ledger;
        auto time = test::golden_time();
        for (const std::size_t index : order) {
            Finding drop = drops[index];
            drop.time = time;
            time += std::chrono::seconds(1);
            ledger.add(drop, 8);
            ledger.learn_created(drop);
        }
        const auto sites = ledger.finish({});
        REQUIRE(sites.size() == 1);
        const Finding& told = sites.front().first;
        CHECK(told.mistake->advice == "make g() async");
        CHECK(told.tid == second.tid);
        CHECK(told.coroutine.arguments);
        CHECK(told.created.frames.size() == 11);
        CHECK(sites.front().creators.places.size() == 2);
        CHECK(told.time == test::golden_time());
        CHECK(told.first_at_site);
        CHECK(told.count == 1U);
    } while (std::ranges::next_permutation(order).found);
}

}  // namespace corotrace::findings_best_evidence_test
