// SPDX-License-Identifier: MIT
#include "tests/support/catch.hpp"
#include "tests/support/findings.hpp"
#include "tracer/findings/fail_on.hpp"

namespace corotrace::findings_fail_on_test {
namespace {

std::string reason(std::string_view rules, const std::vector<Finding>& findings) {
    const auto fail_on = FailOn::parse(rules);
    REQUIRE(fail_on);
    std::vector<SiteCount> sites;
    for (const Finding& finding : findings) sites.push_back({finding, 1, 1, true});
    return fail_on->find_reason(sites);
}

TEST_CASE("rules name kinds of findings and the least number of sites") {
    const Finding never = test::make_ordinary_finding();
    const Finding method = test::make_unknown_finding();
    const Finding destroyed = test::make_lost_task_finding();
    const Finding failed = test::make_lost_exception_finding();
    CHECK(reason("any", {}).empty());
    CHECK(reason("any", {never}) == "--fail-on any: 1 site, 0 allowed");
    CHECK(reason("any:3", {never, destroyed}).empty());
    CHECK(reason("any:2", {never, destroyed}) == "--fail-on any: 2 sites, 1 allowed");
    CHECK(reason("never-awaited:2", {never, destroyed}).empty());
    CHECK_FALSE(reason("never-awaited:2", {never, method}).empty());
    CHECK(reason("task-destroyed", {never, failed}).empty());
    CHECK_FALSE(reason("task-destroyed", {destroyed}).empty());
    CHECK_FALSE(reason("never-awaited,task-exception", {failed}).empty());
}

TEST_CASE("a rule that means nothing is refused") {
    for (const char* text : {"", "some", "any,", "any:", "any:0", "any:x", "any:-1", "any:1:2", ",any"}) {
        INFO(text);
        CHECK_FALSE(FailOn::parse(text));
    }
}

TEST_CASE("only a rule of any single finding fails without a site") {
    CHECK(FailOn::parse("any")->fails_on_one());
    CHECK_FALSE(FailOn::parse("any:2")->fails_on_one());
    CHECK_FALSE(FailOn::parse("never-awaited")->fails_on_one());
    CHECK_FALSE(FailOn().fails_on_one());
}

}  // namespace
}  // namespace corotrace::findings_fail_on_test
