// SPDX-License-Identifier: MIT
// What a second look leaves out, and what it says of the rest.
#include "tracer/session/scan_watch.hpp"

#include "tests/support/catch.hpp"
#include "tracer/report/held_report.hpp"

namespace corotrace::session_scan_watch_test {
namespace {

using std::chrono::seconds;

StayWatch::Time at(int second) {
    return StayWatch::Time(seconds(second));
}

HeldGroup make_group(const std::string& qualname, std::vector<std::uint64_t> members) {
    HeldGroup group;
    group.coroutine.qualname = qualname;
    group.count = members.size();
    group.members = std::move(members);
    return group;
}

HeldReport make_report(std::vector<HeldGroup> groups) {
    HeldReport report;
    report.facts.pid = 7;
    report.facts.python = "3.11.2";
    report.groups = std::move(groups);
    return report;
}

TEST_CASE("watch: groups of which nothing stayed are left out, and the others say what did") {
    StayWatch watch;
    HeldReport first = make_report({make_group("kept", {1, 2, 3}), make_group("passing", {4})});
    keep_what_stayed(first, watch, at(100));
    CHECK(first.groups.size() == 2);
    CHECK(format_held_text(first).find("look 1: 4 held and never started, in 2 groups") != std::string::npos);
    HeldReport second = make_report({make_group("kept", {2, 3, 5, 6, 7}), make_group("passing", {8})});
    keep_what_stayed(second, watch, at(110));
    REQUIRE(second.groups.size() == 1);
    const std::string text = format_held_text(second);
    CHECK(text.find("look 2, 10.0 s after the first: 2 held and never started, stayed, in 1 group\n") !=
          std::string::npos);
    CHECK(text.find(
              "2 of them stayed, the oldest for 10.0 s; +2 since the look before, +2 since the first\n") !=
          std::string::npos);
    const std::string lines = format_held_jsonl(second);
    for (const char* part : {"\"stayed\":2", "\"oldest_ms\":10000", "\"growth\":2", "\"growth_in_all\":2",
                             "\"look\":2", "\"since_first_ms\":10000"}) {
        INFO(part);
        CHECK(lines.find(part) != std::string::npos);
    }
}

TEST_CASE("watch: a group is told from another by where it is held") {
    StayWatch watch;
    HeldReport report = make_report({make_group("same", {1}), make_group("same", {2, 3})});
    report.groups[0].held_in = "app.pending[...]";
    HeldReport later = report;
    keep_what_stayed(report, watch, at(0));
    keep_what_stayed(later, watch, at(1));
    CHECK(later.groups[0].stay->growth == 0);
    CHECK(later.groups[1].stay->growth == 0);
}

TaskReport make_tasks() {
    TaskReport report;
    report.facts.pid = 7;
    for (std::uint64_t id = 0; id < 5; ++id) {
        HeldTask task;
        task.id = id;
        task.name = "task " + std::to_string(id);
        task.state = "waiting";
        task.member = 100 + id;
        report.tasks.push_back(std::move(task));
    }
    report.groups = {{.members = {0, 1, 2}}, {.members = {3, 4}}};
    report.cycles = {{0, 1}, {3, 4}};
    return report;
}

TEST_CASE("watch: tasks that moved are left out, with the groups and deadlocks that they were in") {
    StayWatch watch;
    TaskReport first = make_tasks();
    keep_what_stayed(first, watch, at(0));
    CHECK(first.tasks.size() == 5);
    CHECK(first.cycles.size() == 2);
    TaskReport second = make_tasks();
    for (const std::size_t moved : {0U, 1U, 2U}) second.tasks[moved].member += 1000;
    second.tasks[2].member -= 1000;
    keep_what_stayed(second, watch, at(30));
    REQUIRE(second.tasks.size() == 3);
    REQUIRE(second.groups.size() == 2);
    CHECK(second.groups[0].members == std::vector<std::size_t>{1, 2});
    CHECK(second.groups[1].members == std::vector<std::size_t>{0});
    CHECK(second.cycles == std::vector<std::vector<std::uint64_t>>{{3, 4}});
    const std::string text = format_tasks_text(second, false);
    CHECK(text.find("look 2, 30.0 s after the first: 3 tasks that did not move, 2 at different places") !=
          std::string::npos);
    CHECK(text.find("unmoved for 30.0 s") != std::string::npos);
    CHECK(format_tasks_text(second, true).find("task 3 waits for task 4") != std::string::npos);
    CHECK(format_tasks_jsonl(second).find("\"unmoved_ms\":30000") != std::string::npos);
}

TEST_CASE("watch: a process that was stopped for the look is told so") {
    HeldReport report = make_report({});
    report.facts.stopped = std::chrono::milliseconds(123);
    CHECK(format_held_text(report).find("the process was stopped for 0.123 s, nothing was written") !=
          std::string::npos);
    CHECK(format_held_jsonl(report).find("\"stopped_us\":123000") != std::string::npos);
    CHECK(format_watch_end_text(2, "interrupted") == "2 looks, interrupted\n");
    CHECK(format_watch_end_jsonl(2, "interrupted") ==
          "{\"schema\":\"corotrace/1\",\"event\":\"watch_end\",\"looks\":2,\"ended\":\"interrupted\"}\n");
}

}  // namespace
}  // namespace corotrace::session_scan_watch_test
