// SPDX-License-Identifier: MIT
// Every format, on findings made by hand, against tests/golden.
#include "tests/support/findings.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/recording_writer.hpp"
#include "tracer/findings/run_totals.hpp"
#include "tracer/report/formats.hpp"

namespace corotrace::report_golden_test {
namespace {

constexpr TargetId kTarget{4711, 1};

AttachedFacts make_attached() {
    AttachedFacts facts;
    facts.pid = 4711;
    facts.python = "3.11.2";
    facts.executable = "/usr/bin/python3.11";
    facts.layout = "3.11, by version";
    facts.threads = 3;
    facts.interpreters = 1;
    facts.took = std::chrono::microseconds(93);
    return facts;
}

Summary make_summary() {
    Summary summary;
    summary.never_awaited = 8000;
    summary.sampled = 31;
    summary.sites = 3;
    summary.stops = 31;
    summary.pause_total = std::chrono::microseconds(1234);
    summary.pause_max = std::chrono::microseconds(97);
    summary.elapsed = std::chrono::milliseconds(12345);
    summary.coverage = {CoverageState::kExact, 8000, 8000, std::nullopt};
    summary.ended = "interrupted";
    return summary;
}

struct Setup {
    bool colored = false;
    std::optional<std::size_t> columns = std::nullopt;
    bool several = false;
};

template <typename Tell>
std::string report(std::string_view format, const Setup& setup, Tell tell) {
    test::RecordingWriter writer;
    const auto made = find_format(format)->make({writer, test::golden_time, setup.colored, setup.columns});
    made->on_begin({.verb = "attach", .began = test::golden_time(), .several = setup.several});
    tell(*made);
    return writer.text();
}

// The end of a run of one target.
void end(RunReport& report, const std::vector<SiteCount>& sites, const Summary& summary) {
    report.on_target_end(kTarget, sites, summary);
    RunTotals totals;
    totals.add(kTarget, summary);
    report.on_end(totals.finish(summary.elapsed, summary.ended));
}

void tell_session(RunReport& report) {
    report.on_attached(kTarget, make_attached());
    const Finding ordinary = test::make_ordinary_finding();
    const Finding unknown = test::make_unknown_finding();
    report.on_finding(kTarget, ordinary);
    report.on_finding(kTarget, unknown);
    Finding again = ordinary;
    again.first_at_site = false;
    again.count = 2;
    again.coroutine.arguments = {
        {"self", "app.store.Store", "<app.store.Store object at 0x7f10>", false},
        {"record", "dict[3]", "{'id': 7, 'name': 'Ren\xc3\xa9', 'tags': [...]}", false}};
    report.on_finding(kTarget, again);
    Finding unseen = unknown;
    unseen.fingerprint = "0000000000000002";
    unseen.dropped.frames = std::vector<Frame>{};
    end(report, {{ordinary, 7990, 29, true}, {unknown, 9, 1, false}, {unseen, 1, 1, true}}, make_summary());
}

void tell_nothing_found(RunReport& report) {
    AttachedFacts attached = make_attached();
    attached.pid_in_namespace = 1;
    attached.notes = {"python 3.16 is newer than the tables; its own offsets are used (experimental)"};
    report.on_attached(kTarget, attached);
    Summary summary;
    summary.elapsed = std::chrono::minutes(61);
    summary.coverage = {CoverageState::kIncomplete, 0, 2, "2 coroutines ended while the probes were planted"};
    summary.ended = "target exited";
    summary.notes = {"exit status 0"};
    end(report, {}, summary);
}

void tell_hostile(RunReport& report) {
    const Finding finding = test::make_hostile_finding();
    report.on_finding(kTarget, finding);
    Finding warned = finding;
    const std::string nasty = *finding.coroutine.name;
    warned.blamed = BlamedLine{nasty, nasty, -1, nasty};
    report.on_finding(kTarget, warned);
    const Finding lost = test::make_hostile_lost_task();
    report.on_finding(kTarget, lost);
    end(report, {{finding, finding.count, 1, false}, {warned, {}, 0, false}, {lost, 1, 1, true}}, Summary{});
}

TEST_CASE("the reports of a session") {
    test::check_golden("session.txt", report("text", {}, tell_session));
    test::check_golden("session_80.txt", report("text", {true, 80}, tell_session));
    test::check_golden("session.jsonl", report("jsonl", {}, tell_session));
}

TEST_CASE("a page for a ticket") {
    const auto with_time = [](auto tell) {
        return [tell](RunReport& report) {
            for (std::uint64_t second = 1; second <= 12; ++second) {
                Progress progress;
                progress.elapsed = std::chrono::seconds(second);
                progress.never_awaited = second * second * 50;
                report.on_progress(progress);
            }
            tell(report);
        };
    };
    test::check_golden("session.html", report("html", {}, with_time(tell_session)));
    // Of merged reports nobody knows when.
    CHECK(report("html", {}, tell_session).find("<figure>") == std::string::npos);
    test::check_golden("nothing.html", report("html", {}, tell_nothing_found));
    test::check_golden("hostile.html", report("html", {}, tell_hostile));
}

void tell_read_only(RunReport& report) {
    AttachedFacts attached = make_attached();
    attached.read_only = true;
    attached.notes = {"read-only"};
    report.on_attached(kTarget, attached);
    Finding warned;
    warned.time = test::golden_time();
    warned.pid = 4711;
    warned.coroutine.qualname = "Store.save";
    warned.blamed = BlamedLine{"app.handlers", "/srv/app/handlers.py", 17, "        store.save("};
    warned.fingerprint = "0000000000000003";
    warned.count = std::nullopt;
    Finding at_exit = warned;
    at_exit.blamed = BlamedLine{"sys", std::nullopt, std::nullopt, std::nullopt};
    at_exit.fingerprint = "0000000000000004";
    report.on_finding(kTarget, warned);
    report.on_finding(kTarget, at_exit);
    Summary summary;
    summary.never_awaited = std::nullopt;
    summary.sites = 2;
    summary.elapsed = std::chrono::seconds(30);
    summary.coverage = {CoverageState::kUnknown, std::nullopt, std::nullopt, "drops are not counted"};
    summary.ended = "deadline";
    end(report, {{warned, std::nullopt, 0, false}, {at_exit, std::nullopt, 0, false}}, summary);
}

TEST_CASE("the reports of a session that only read") {
    test::check_golden("read_only.txt", report("text", {}, tell_read_only));
    test::check_golden("read_only.jsonl", report("jsonl", {}, tell_read_only));
}

// Two processes, one of which executes another program, and the same site in all of them.
void tell_tree(RunReport& report) {
    const TargetId child{4712, 1};
    const TargetId later{4712, 2};
    RunTotals totals;
    const auto tell_end = [&](const TargetId& target, const std::vector<SiteCount>& sites,
                              const Summary& summary) {
        report.on_target_end(target, sites, summary);
        totals.add(target, summary);
    };
    AttachedFacts attached = make_attached();
    report.on_attached(kTarget, attached);
    attached.pid = child.pid;
    report.on_attached(child, attached);
    const Finding here = test::make_ordinary_finding();
    Finding there = here;
    there.pid = child.pid;
    report.on_finding(kTarget, here);
    report.on_finding(child, there);
    Summary summary = make_summary();
    summary.sites = 1;
    summary.ended = "target replaced its program";
    summary.coverage.state = CoverageState::kIncomplete;
    summary.coverage.why = "the target ended before both counts could be compared at rest";
    tell_end(child, {{there, 8000, 31, true}}, summary);
    report.on_attached(later, attached);
    summary = make_summary();
    summary.never_awaited = 0;
    summary.sites = 0;
    tell_end(later, {}, summary);
    tell_end(kTarget, {{here, 480, 10, true}}, make_summary());
    totals.note("a child may not have been seen");
    report.on_end(totals.finish(std::chrono::milliseconds(17340), "interrupted"));
}

void tell_lost_tasks(RunReport& report) {
    report.on_attached(kTarget, make_attached());
    const Finding pending = test::make_lost_task_finding();
    const Finding failed = test::make_lost_exception_finding();
    Finding future = failed;
    future.kind = FindingKind::kFutureExceptionNeverRetrieved;
    future.coroutine = {};
    future.fingerprint = "0000000000000004";
    for (const Finding& finding : {pending, failed, future}) report.on_finding(kTarget, finding);
    Summary summary = make_summary();
    summary.never_awaited = 0;
    summary.lost_tasks = LostTaskCounts{.destroyed_pending = 1, .exception_never_retrieved = 3};
    end(report, {{failed, 2, 2, true}, {pending, 1, 1, true}, {future, 1, 1, true}}, summary);
}

// A task that had not started, and its coroutine.
void tell_related(RunReport& report) {
    report.on_attached(kTarget, make_attached());
    const Finding coroutine = test::make_ordinary_finding();
    Finding task = test::make_lost_task_finding();
    task.coroutine = coroutine.coroutine;
    task.coroutine.arguments.reset();
    task.lost_task->awaiting.emplace();
    task.lost_task->closed = false;
    for (const Finding& finding : {coroutine, task}) report.on_finding(kTarget, finding);
    Summary summary = make_summary();
    summary.never_awaited = 1;
    summary.sites = 2;
    summary.lost_tasks = LostTaskCounts{.destroyed_pending = 1, .exception_never_retrieved = 0};
    SiteCount site{coroutine, 1, 1, true};
    for (Frame place : {coroutine.created.frames.back(), coroutine.created.frames.back()}) {
        place.line = site.creators.places.empty() ? *place.line - 1 : *place.line;
        site.creators.places.push_back(place);
    }
    end(report, {site, {task, 1, 1, true}}, summary);
}

TEST_CASE("sites that belong together name each other") {
    test::check_golden("related.txt", report("text", {}, tell_related));
    test::check_golden("related.jsonl", report("jsonl", {}, tell_related));
    CHECK(report("html", {}, tell_related).find("<dt>related</dt><dd>#2 ") != std::string::npos);
    CHECK(report("html", {}, tell_related)
              .find("<dt>created</dt><dd>at 2 places; the diagnosis is that of the first</dd>\n"
                    "<dt></dt><dd>/srv/app/cache.py:9 in Cache.__setitem__</dd>\n"
                    "<dt></dt><dd>/srv/app/cache.py:8 in Cache.__setitem__</dd>") != std::string::npos);
}

TEST_CASE("the reports of a session that lost tasks") {
    test::check_golden("lost_tasks.txt", report("text", {}, tell_lost_tasks));
    test::check_golden("lost_tasks.jsonl", report("jsonl", {}, tell_lost_tasks));
}

TEST_CASE("the reports of a process tree") {
    const Setup setup{.several = true};
    test::check_golden("tree.txt", report("text", setup, tell_tree));
    test::check_golden("tree.jsonl", report("jsonl", setup, tell_tree));
}

TEST_CASE("the reports of a session that found nothing") {
    test::check_golden("nothing.txt", report("text", {}, tell_nothing_found));
    test::check_golden("nothing.jsonl", report("jsonl", {}, tell_nothing_found));
}

TEST_CASE("the reports of a target that wants to hurt its reader") {
    test::check_golden("hostile.txt", report("text", {}, tell_hostile));
    test::check_golden("hostile.jsonl", report("jsonl", {}, tell_hostile));
}

TEST_CASE("nothing of the target reaches an output raw") {
    for (const Format& format : formats()) {
        INFO(format.name);
        for (const char c : report(format.name, {false, 80}, tell_hostile)) {
            INFO(static_cast<int>(c));
            CHECK((c == '\n' || static_cast<unsigned char>(c) >= 0x20));
            CHECK(c != '\x7f');
        }
    }
}

TEST_CASE("an unknown format is not found") {
    CHECK(find_format("json") == nullptr);
    CHECK(find_format("") == nullptr);
    CHECK(find_format("text")->name == "text");
}

}  // namespace
}  // namespace corotrace::report_golden_test
