// SPDX-License-Identifier: MIT
// What scan and tasks found, in every format, against tests/golden.
#include "tests/support/findings.hpp"
#include "tests/support/golden.hpp"
#include "tracer/report/held_report.hpp"

namespace corotrace::report_held_test {

namespace {

constexpr const char* kHostile =
    "<script>alert(1)</script>\x1b[31m\xc2\x9b"
    "31m\xe2\x80\xae"
    "\"&";

LookFacts make_facts() {
    LookFacts facts;
    facts.pid = 4711;
    facts.python = "3.13.5";
    facts.time = test::golden_time();
    facts.took = std::chrono::microseconds(120'000);
    facts.bytes = 52'000'000;
    return facts;
}

Frame make_frame(const std::string& name, int line, const std::optional<std::string>& source) {
    Frame frame;
    frame.function = name;
    frame.name = name;
    frame.file = "/srv/app.py";
    frame.line = line;
    frame.source = source;
    return frame;
}

CoroutineFacts make_coroutine(const std::string& name, int line) {
    CoroutineFacts facts;
    facts.name = name;
    facts.qualname = name;
    facts.type = "coroutine";
    facts.file = "/srv/app.py";
    facts.line = line;
    return facts;
}

HeldGroup make_group(const std::string& name, int line, std::uint64_t count) {
    HeldGroup group;
    group.coroutine = make_coroutine(name, line);
    group.count = count;
    return group;
}

// One that is held by a list, one by a frame, one whose holder was not found and which is hostile.
HeldReport make_held() {
    HeldReport report;
    report.facts = make_facts();
    report.facts.unread_bytes = 4096;
    report.facts.notes = {"the search for holders ended after 10 s"};
    report.coroutines = {.created = 20, .started = 5, .ended = 1};
    report.scheduled = 2;
    report.passing = 1;
    HeldGroup pending = make_group("send", 3, 17);
    pending.coroutine.arguments = {
        {{.name = "number", .type = "int", .value = std::nullopt, .redacted = true}}};
    pending.created_at = {{make_frame("main", 40, "    pending.append(send(7))")}};
    pending.holder = HolderFacts{.path = "app.pending[0]", .root = "module", .frame = std::nullopt};
    pending.held_in = "app.pending[...]";
    HeldGroup local = make_group("fetch", 9, 1);
    local.holder = HolderFacts{.path = "job",
                               .root = "suspended frame",
                               .frame = make_frame("work", 21, "        await lock.acquire()")};
    HeldGroup unknown = make_group(kHostile, 1, 1);
    unknown.coroutine.arguments = {
        {{.name = kHostile, .type = kHostile, .value = kHostile, .redacted = false}}};
    report.groups = {pending, local, unknown};
    return report;
}

// As --watch tells of the third look, at a core's block beside.
HeldReport make_later_look() {
    HeldReport report = make_held();
    for (HeldGroup& group : report.groups) {
        group.stay = Stay{.stayed = group.count,
                          .oldest = std::chrono::milliseconds(20'000),
                          .growth = 2,
                          .growth_in_all = -3};
    }
    report.look = LookNumber{.number = 3,
                             .since_first = std::chrono::milliseconds(20'000),
                             .since_last = std::chrono::milliseconds(10'000)};
    return report;
}

HeldReport make_of_core() {
    HeldReport report = make_held();
    report.facts.core = "/tmp/core";
    report.facts.program = "/usr/bin/python3";
    report.facts.threads = 4;
    WatchedSite site{.count = 5, .coroutine = make_coroutine("send", 3), .stack = {}};
    site.stack = {make_frame("main", 50, "    send(8)")};
    report.watched = {{.never_awaited = 7, .warned = 6, .sites = {site}, .unnamed = 2, .unnamed_places = 1}};
    return report;
}

HeldTask make_task(std::uint64_t id, const std::optional<std::string>& name,
                   std::vector<std::uint64_t> waits_for) {
    HeldTask task;
    task.id = id;
    task.name = name;
    task.coroutine = make_coroutine("work", 20);
    task.state = "waiting";
    task.stack = {make_frame("work", 21, "    await other")};
    task.waits_for = std::move(waits_for);
    return task;
}

// A root with two children, of which one waits for a queue; two that wait for each other; one that runs.
TaskReport make_tasks() {
    TaskReport report;
    report.facts = make_facts();
    report.done = 13;
    report.tasks = {make_task(1, "root", {2, 3}), make_task(2, "first", {}),
                    make_task(3, "second", {2}),  make_task(4, "hen", {5}),
                    make_task(5, kHostile, {4}),  make_task(6, std::nullopt, {})};
    report.tasks[1].waits_on = "Future";
    report.tasks[1].waits_for_lock = {.type = "asyncio.locks.Lock", .held_by = {3}, .holders = 1};
    report.tasks[3].waits_for_lock = {.type = kHostile, .held_by = {}, .holders = 0};
    report.tasks[1].created_at = {{make_frame("main", 60, "    first = create_task(work())")}};
    report.tasks[5].state = "running";
    report.tasks[5].stack.clear();
    report.groups = {{.members = {0, 2, 3, 4}}, {.members = {1}}, {.members = {5}}};
    report.cycles = {{4, 5}};
    report.failed = {
        {.count = 12,
         .name = "Task-7",
         .coroutine = make_coroutine("load", 30),
         .exception = "ValueError",
         .raised = {make_frame("load", 31, "    parse(text)"), make_frame("parse", 36, std::nullopt)}},
        {.count = 1,
         .name = std::nullopt,
         .coroutine = make_coroutine(kHostile, 1),
         .exception = kHostile,
         .raised = {}}};
    report.failed_futures = {{.count = 2,
                              .type = "asyncio.tasks._GatheringFuture",
                              .exception = "ValueError",
                              .raised = {make_frame("parse", 36, std::nullopt)}},
                             {.count = 1, .type = kHostile, .exception = std::nullopt, .raised = {}}};
    return report;
}

TEST_CASE("held coroutines in every format") {
    test::check_golden("held.txt", format_held_text(make_held()));
    test::check_golden("held.jsonl", format_held_jsonl(make_held()));
    test::check_golden("held.html", format_held_html(make_held()));
    test::check_golden("held_later.txt", format_held_text(make_later_look()));
    test::check_golden("held_later.jsonl", format_held_jsonl(make_later_look()));
    test::check_golden("held_core.txt", format_held_text(make_of_core()));
    test::check_golden("held_core.jsonl", format_held_jsonl(make_of_core()));
    test::check_golden("held_core.html", format_held_html(make_of_core()));
}

TEST_CASE("tasks in every format") {
    test::check_golden("tasks.txt", format_tasks_text(make_tasks(), false));
    test::check_golden("tasks_tree.txt", format_tasks_text(make_tasks(), true));
    test::check_golden("tasks.jsonl", format_tasks_jsonl(make_tasks()));
    test::check_golden("tasks.html", format_tasks_html(make_tasks()));
}

}  // namespace

}  // namespace corotrace::report_held_test
