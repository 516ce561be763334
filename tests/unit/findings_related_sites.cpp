// SPDX-License-Identifier: MIT
// Which coroutine's site belongs to which lost task.
#include "tracer/findings/related_sites.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/findings.hpp"

namespace corotrace::findings_related_sites_test {
namespace {

Finding never_awaited() {
    Finding finding = test::make_ordinary_finding();
    finding.created = {};
    return finding;
}

Finding unstarted_task() {
    Finding finding = test::make_lost_task_finding();
    finding.coroutine = never_awaited().coroutine;
    finding.coroutine.arguments.reset();
    finding.lost_task->awaiting.emplace();
    return finding;
}

RelatedSites find(const std::vector<Finding>& sites) {
    std::vector<const Finding*> all;
    for (const Finding& site : sites) all.push_back(&site);
    return find_related(all);
}

}  // namespace

TEST_CASE("a task that had not started, and its coroutine") {
    const Finding coroutine = never_awaited();
    Finding task = unstarted_task();
    const RelatedSites related = find({coroutine, task});
    REQUIRE(related.size() == 2);
    CHECK(related.at(coroutine.fingerprint) == std::vector<std::string>{task.fingerprint});
    CHECK(related.at(task.fingerprint) == std::vector<std::string>{coroutine.fingerprint});
    task.coroutine.line = 42;  // another function
    CHECK(find({coroutine, task}).empty());
    task.coroutine.line.reset();
    CHECK(find({coroutine, task}).empty());
    CHECK(find({coroutine, test::make_lost_task_finding()}).empty());  // it waits
}

TEST_CASE("an exception, and the coroutine that was made or dropped in the line that raised it") {
    const Finding lost = test::make_lost_exception_finding();
    const Frame line = lost.lost_task->raised->back();
    Finding coroutine = never_awaited();
    CHECK(find({coroutine, lost}).empty());
    coroutine.dropped.ended = line;
    CHECK(find({coroutine, lost}).at(lost.fingerprint) == std::vector<std::string>{coroutine.fingerprint});
    coroutine.dropped.ended.reset();
    coroutine.created = {.how = CreationSource::kOrigin, .frames = {line}};
    CHECK(find({coroutine, lost}).size() == 2);
    ++*coroutine.created.frames.back().line;
    CHECK(find({coroutine, lost}).empty());
}

TEST_CASE("of many related sites the first ones are named, and nothing of one that is unknown") {
    std::vector<Finding> sites{unstarted_task()};
    for (int i = 0; i < 20; ++i) {
        sites.push_back(never_awaited());
        sites.back().fingerprint = "f" + std::to_string(i);
    }
    sites.push_back(test::make_unknown_finding());
    const RelatedSites related = find(sites);
    const auto& named = related.at(sites.front().fingerprint);
    REQUIRE(named.size() == kMostRelated);
    CHECK(named.front() == "f0");
    CHECK_FALSE(related.contains(sites.back().fingerprint));
}

}  // namespace corotrace::findings_related_sites_test
