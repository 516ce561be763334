// SPDX-License-Identifier: MIT
// scan: what is created, never started, and no task is going to run.
#include <algorithm>
#include <map>
#include <thread>
#include <unordered_set>

#include "cpython_layouts/coroutine.hpp"
#include "tracer/session/scan.hpp"
#include "tracer/session/scan_subject.hpp"

namespace corotrace {

namespace {

const char* type_of(LiveKind kind) {
    switch (kind) {
        case LiveKind::kCoroutine:
            return "coroutine";
        case LiveKind::kAsyncGenerator:
            return "async_generator";
        case LiveKind::kAsend:
            return "async_generator_asend";
        case LiveKind::kAthrow:
            return "async_generator_athrow";
        case LiveKind::kTask:
            return "task";
    }
    return "";
}

void count(StateCounts& counts, LiveState state) {
    switch (state) {
        case LiveState::kCreated:
            ++counts.created;
            return;
        case LiveState::kStarted:
            ++counts.started;
            return;
        case LiveState::kEnded:
            ++counts.ended;
            return;
    }
}

bool is_finding(const LiveObject& object) {
    return object.state == LiveState::kCreated && object.kind != LiveKind::kTask &&
           object.kind != LiveKind::kAsyncGenerator;
}

// The objects that are created now and no task owns; counts all on the way.
std::vector<LiveObject> sift(const std::vector<LiveObject>& objects, HeldReport& report) {
    std::unordered_set<RemoteAddr> owned;
    for (const LiveObject& object : objects) {
        if (object.kind == LiveKind::kTask) owned.insert(object.coroutine);
    }
    std::vector<LiveObject> held;
    for (const LiveObject& object : objects) {
        if (object.kind == LiveKind::kTask) continue;
        if (object.kind == LiveKind::kCoroutine) {
            count(report.coroutines, object.state);
        } else if (object.kind == LiveKind::kAsyncGenerator) {
            count(report.async_generators, object.state);
        } else {
            count(report.agen_methods, object.state);
        }
        if (!is_finding(object)) continue;
        if (object.kind == LiveKind::kCoroutine && owned.contains(object.address)) {
            ++report.scheduled;
        } else {
            held.push_back(object);
        }
    }
    return held;
}

// What stays created at each look.
void look_again(const RemoteMemory& memory, const Layout& layout, const ScanOptions& options,
                std::vector<LiveObject>& held, HeldReport& report) {
    for (int look = 1; look < options.looks && !held.empty(); ++look) {
        std::this_thread::sleep_for(options.between);
        report.passing += std::erase_if(held, [&](const LiveObject& object) {
            const auto now = read_again(memory, layout, object);
            return !now || now->state != LiveState::kCreated;
        });
    }
}

HeldGroup describe_group(ScanSubject& subject, const ProcessImage& image, const LiveObject& object,
                         const ScanOptions& options) {
    HeldGroup group;
    const RemoteMemory& memory = image.memory();
    const bool is_coroutine = object.kind == LiveKind::kCoroutine;
    const RemoteAddr runnable = is_coroutine ? object.address : object.coroutine;
    auto reading = is_coroutine ? read_coroutine(memory, subject.layout(), subject.codes, subject.types,
                                                 runnable, options.values)
                                : read_coroutine_names(memory, subject.layout(), subject.codes, runnable);
    if (reading) group.coroutine = to_facts(*reading, type_of(object.kind), options.values);
    if (!is_coroutine) {
        group.coroutine.arguments.reset();
        return group;
    }
    const auto origin = read_origin(memory, subject.layout(), runnable);
    if (!origin || origin->empty()) return group;
    group.created_at.emplace();
    for (auto frame = origin->rbegin(); frame != origin->rend(); ++frame) {
        Frame one;
        one.function = one.name = frame->function;
        one.file = frame->file;
        one.line = frame->line;
        group.created_at->push_back(std::move(one));
    }
    return group;
}

// One group for each code, kind and place of creation.
std::vector<HeldGroup> make_groups(ScanSubject& subject, const ProcessImage& image,
                                   const std::vector<LiveObject>& held, const ScanOptions& options) {
    std::map<std::tuple<RemoteAddr, LiveKind, std::string>, HeldGroup> groups;
    for (const LiveObject& object : held) {
        std::string place;
        if (object.kind == LiveKind::kCoroutine) {
            const auto origin = read_origin(image.memory(), subject.layout(), object.address);
            if (origin && !origin->empty()) {
                place = origin->front().file + ":" + std::to_string(origin->front().line);
            }
        }
        const auto [entry, is_new] = groups.try_emplace({object.code, object.kind, std::move(place)});
        if (is_new) entry->second = describe_group(subject, image, object, options);
        ++entry->second.count;
    }
    std::vector<HeldGroup> sorted;
    for (auto& [key, group] : groups) sorted.push_back(std::move(group));
    std::ranges::stable_sort(sorted, std::ranges::greater{}, &HeldGroup::count);
    return sorted;
}

// The collector's own lists, walked from what was found, must hold the same coroutines.
void check_lists(const RemoteMemory& memory, const ScanSubject& subject,
                 const std::vector<LiveObject>& objects, LookFacts& facts) {
    std::vector<RemoteAddr> scanned;
    for (const LiveObject& object : objects) {
        if (object.kind == LiveKind::kCoroutine) scanned.push_back(object.address);
    }
    std::vector<RemoteAddr> starts;
    for (const LiveObject& object : objects) starts.push_back(object.address);
    const auto listed = walk_collector_lists(memory, subject.layout(), starts, subject.python.coro_type);
    if (!listed) {
        facts.notes.push_back("not held against the collector's lists: " + listed.error().what);
        return;
    }
    std::ranges::sort(scanned);
    facts.notes.push_back(*listed == scanned
                              ? "the collector's lists hold the same " + std::to_string(scanned.size()) +
                                    " coroutines"
                              : "the collector's lists hold " + std::to_string(listed->size()) +
                                    " coroutines, the scan found " + std::to_string(scanned.size()));
}

}  // namespace

Result<HeldReport> scan_image(const ProcessImage& image, const std::string& what,
                              const FindResident& resident, const ScanOptions& options) {
    const auto began = std::chrono::steady_clock::now();
    CT_TRY(auto subject, open_subject(image, what, resident));
    HeldReport report;
    report.facts.time = std::chrono::system_clock::now();
    report.facts.python = format_version(subject.python.version);
    report.facts.notes = subject.python.notes;
    CT_TRY(auto scan, scan_heap(image.memory(), subject.python, subject.spans));
    report.facts.bytes = scan.figures.bytes;
    report.facts.unread_bytes = scan.figures.unread_bytes;
    report.facts.notes.insert(report.facts.notes.end(), scan.notes.begin(), scan.notes.end());
    if (scan.capped) report.facts.notes.emplace_back("there are more objects than are looked at");
    std::vector<LiveObject> held = sift(scan.objects, report);
    look_again(image.memory(), subject.layout(), options, held, report);
    report.groups = make_groups(subject, image, held, options);
    if (options.checks_lists) check_lists(image.memory(), subject, scan.objects, report.facts);
    report.facts.took =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
    return report;
}

}  // namespace corotrace
