// SPDX-License-Identifier: MIT
// Findings made by hand: an ordinary one, one of which next to nothing is known, and one whose every string
// was chosen to hurt a terminal or a parser.
#pragma once

#include <memory>

#include "tracer/findings/finding.hpp"

namespace corotrace::test {

// 2026-01-31T12:03:55.123456Z
inline std::chrono::system_clock::time_point golden_time() {
    return std::chrono::system_clock::time_point(std::chrono::microseconds(1769861035123456));
}

inline Finding make_ordinary_finding() {
    Finding finding;
    finding.time = golden_time();
    finding.pid = 4711;
    finding.tid = 4713;
    finding.thread_name = "worker-1";
    finding.coroutine = {"save", "Store.save", "coroutine", "/srv/app/store.py", 41, std::vector<Argument>{}};
    finding.coroutine.arguments = {{"self", "app.store.Store", std::nullopt, true},
                                   {"record", "dict[3]", std::nullopt, true},
                                   {"*tags", "tuple[0]", std::nullopt, true}};
    finding.dropped.cause = DropCause::kRefcount;
    finding.dropped.frames = {
        {"<module>", "<module>", "/srv/app/main.py", 88, 88, 4, 23, "    asyncio.run(main())"},
        {"run", "run", "/usr/lib/python3.11/asyncio/runners.py", 190, 190, 15, 31, std::nullopt},
        {"handle", "handle", "/srv/app/handlers.py", 17, 19, 8, 9, "        store.save("},
        {"Cache.__setitem__", "__setitem__", "/srv/app/cache.py", 9, 9, 15, 32,
         "\tif old and store.save(record): pass"},
    };
    finding.mistake = Mistake{
        "tested_for_truth",
        "store.save() makes a coroutine, which is always true: the test always goes the same way, and the "
        "function never runs",
        std::nullopt, "make __setitem__() async and write: if old and await store.save(record): pass"};
    finding.created = {CreationSource::kInferred,
                       {{"Cache.__setitem__", "__setitem__", "/srv/app/cache.py", 9, 9, 15, 32,
                         "\tif old and store.save(record): pass"}}};
    finding.created.frames.back().around = finding.dropped.frames->back().around =
        std::make_shared<const SourceAround>(SourceAround{
            7,
            {"def __setitem__(self, key, record):", "\told = self.get(key)",
             "\tif old and store.save(record): pass", "", "\tself.data[key] = record  # a < b"}});
    finding.warning = WarningFacts{WarningState::kHidden, "ignore::RuntimeWarning", std::nullopt};
    finding.task = TaskFacts{
        .name = "Task-12",
        .coroutine = {"handle", "Server.handle", "coroutine", "/srv/app/server.py", 23, std::nullopt},
        .created = {
            CreationSource::kOrigin,
            {{"accept", "accept", "/srv/app/server.py", 31, {}, {}, {}, "    spawn(handle(reader))"}}}};
    finding.fingerprint = "3f9a2c1e77aa0b12";
    return finding;
}

inline Finding make_lost_task_finding() {
    Finding finding;
    finding.kind = FindingKind::kTaskDestroyedPending;
    finding.time = golden_time();
    finding.pid = 4711;
    finding.coroutine = {"poll", "Feed.poll", "coroutine", "/srv/app/feed.py", 12, std::nullopt};
    finding.lost_task = LostTaskFacts{
        .type = "_asyncio.Task",
        .name = "Task-7",
        .awaiting = {{{"Feed.poll", "poll", "/srv/app/feed.py", 14, 14, 8, 27, "        await self.read()"}}},
        .closed = true,
        .exception = std::nullopt,
        .raised = std::nullopt};
    finding.dropped.cause = DropCause::kCyclicGc;
    finding.dropped.collector = "gc.collect";
    finding.dropped.frames = {{"<module>", "<module>", "/srv/app/main.py", 88, 88, 4, 23, std::nullopt}};
    finding.mistake = Mistake{"task_not_kept", "nothing kept the task of Feed.poll()",
                              "task = asyncio.create_task(feed.poll()); tasks.add(task)",
                              "keep it in a set, or make it in an asyncio.TaskGroup"};
    finding.fingerprint = "0000000000000002";
    return finding;
}

inline Finding make_lost_exception_finding() {
    Finding finding = make_lost_task_finding();
    finding.kind = FindingKind::kTaskExceptionNeverRetrieved;
    finding.lost_task->awaiting.reset();
    finding.lost_task->closed = false;
    finding.lost_task->exception = "app.FeedError";
    finding.lost_task->raised = {
        {{"Feed.poll", "poll", "/srv/app/feed.py", 19, 19, 12, 27, "            raise FeedError"}}};
    finding.dropped.cause = DropCause::kRefcount;
    finding.mistake = Mistake{"task_exception_ignored", "the task of Feed.poll() failed"};
    finding.fingerprint = "0000000000000003";
    return finding;
}

inline Finding make_unknown_finding() {
    Finding finding;
    finding.kind = FindingKind::kAsyncGenAsend;
    finding.time = golden_time();
    finding.pid = 4711;
    finding.fingerprint = "0000000000000001";
    finding.notes = {"the frames of thread 4711 could not be read: unreadable at 0x7f10"};
    return finding;
}

// Escape sequences, a bidirectional override, a new line with a forged report, bytes that are not UTF-8.
inline Finding make_hostile_finding() {
    const std::string nasty = "\x1b[2J\x1b]0;owned\x07\r\nok\xe2\x80\xae\xff\xc0\x80\xc2\x9b";
    Finding finding = make_ordinary_finding();
    finding.thread_name = nasty;
    finding.coroutine = {nasty, nasty, nasty, nasty + ".py", -1, std::vector<Argument>{}};
    finding.coroutine.arguments = {{nasty, nasty, nasty, false}, {"x", std::nullopt, std::nullopt, false}};
    finding.created = {CreationSource::kOrigin, {{nasty, nasty, nasty, 1, {}, {}, {}, nasty}}};
    finding.dropped.cause = DropCause::kCyclicGc;
    finding.dropped.collector = nasty;
    finding.dropped.frames = {
        {nasty, nasty, nasty, 1, 1, 3, 2147483647, "  f(\xe4\xbd\xa0, \x1b[7m)" + nasty},
        {nasty, nasty, nasty, -5, 3, -7, -7, std::string("\0\0", 2)}};
    finding.dropped.ended = Frame{nasty, nasty, nasty, 1, 1, 3, 5, nasty};
    finding.dropped.ended->around =
        std::make_shared<const SourceAround>(SourceAround{1, {nasty, nasty, " </pre>"}});
    finding.dropped.frames->front().around =
        std::make_shared<const SourceAround>(SourceAround{-7, {nasty, std::string("\0", 1)}});
    finding.dropped.native = {{0x7f10, nasty, 18, nasty, nasty, -1},
                              {0xffffffffffffffff, {}, {}, {}, {}, {}}};
    finding.mistake = Mistake{nasty, nasty, nasty, nasty};
    finding.warning = WarningFacts{WarningState::kHidden, nasty, nasty};
    finding.task = TaskFacts{.name = nasty, .coroutine = finding.coroutine, .created = finding.created};
    finding.test = nasty;
    finding.fingerprint = nasty;
    finding.count = 18446744073709551615U;
    finding.notes = {nasty};
    return finding;
}

inline Finding make_hostile_lost_task() {
    Finding finding = make_hostile_finding();
    const std::string nasty = *finding.coroutine.name;
    finding.kind = FindingKind::kTaskExceptionNeverRetrieved;
    const std::vector<Frame> frames = {{nasty, nasty, nasty, -1, {}, {}, {}, nasty}};
    finding.lost_task = LostTaskFacts{.type = nasty,
                                      .name = nasty,
                                      .awaiting = frames,
                                      .closed = false,
                                      .exception = nasty,
                                      .raised = frames};
    return finding;
}

}  // namespace corotrace::test
