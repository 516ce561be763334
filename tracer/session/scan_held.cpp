// SPDX-License-Identifier: MIT
// scan: what is created, never started, and no task is going to run.
#include <algorithm>
#include <map>
#include <thread>
#include <unordered_set>

#include "cpython_layouts/coroutine.hpp"
#include "cpython_layouts/holders.hpp"
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
        case LiveKind::kFuture:
        case LiveKind::kFutureInPython:
            return "future";
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

bool is_task_or_future(LiveKind kind) {
    return kind == LiveKind::kTask || kind == LiveKind::kFuture || kind == LiveKind::kFutureInPython;
}

bool is_finding(const LiveObject& object) {
    return object.state == LiveState::kCreated && !is_task_or_future(object.kind) &&
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
        if (is_task_or_future(object.kind)) continue;
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
    group.created_at = to_creation(subject, read_origin(memory, subject.layout(), runnable));
    return group;
}

std::optional<std::string> name_root(HolderRoot root) {
    switch (root) {
        case HolderRoot::kNone:
            return std::nullopt;
        case HolderRoot::kModule:
            return "module";
        case HolderRoot::kClass:
            return "class";
        case HolderRoot::kFunction:
            return "function";
        case HolderRoot::kRunningFrame:
            return "running frame";
        case HolderRoot::kSuspendedFrame:
            return "suspended frame";
        case HolderRoot::kFrameNotStarted:
            return "frame not started";
    }
    return std::nullopt;
}

HolderFacts to_holder_facts(ScanSubject& subject, const HolderPath& path) {
    HolderFacts facts{.path = path.path, .root = name_root(path.root), .frame = std::nullopt};
    if (path.frame) {
        auto frames = to_frames(subject, {*path.frame});
        if (!frames.empty()) facts.frame = std::move(frames.front());
    }
    return facts;
}

// Where in the program a path begins: the same for all items that one frame holds.
std::string place_of(const HolderPath& path) {
    std::string place = path.general + '\0' + std::to_string(static_cast<int>(path.root));
    if (path.frame && path.frame->code) {
        place += path.frame->code->filename + '\0' + path.frame->code->qualname + '\0' +
                 std::to_string(path.frame->byte_offset.value_or(-1));
    }
    return place;
}

HolderSearch look_for_holders(ScanSubject& subject, const ProcessImage& image,
                              const std::vector<LiveObject>& held, const ScanOptions& options,
                              LookFacts& facts) {
    std::vector<RemoteAddr> objects;
    for (const LiveObject& object : held) objects.push_back(object.address);
    auto search = find_holders(
        image.memory(), subject.python, subject.spans, subject.codes, objects,
        {.max_time = options.max_holder_time, .values = options.values, .threads = subject.threads});
    if (!search) {
        facts.notes.push_back(search.error().what);
        return {};
    }
    if (search->ended_early) {
        facts.notes.emplace_back("the search for holders took too long and was ended: some are missing");
    }
    return std::move(*search);
}

struct Group {
    HeldGroup facts;
    std::vector<LiveObject> objects;
};

// One group for each code, kind, place of creation and holder.
std::vector<Group> make_groups(ScanSubject& subject, const ProcessImage& image,
                               const std::vector<LiveObject>& held, const HolderSearch& holders,
                               const ScanOptions& options) {
    std::map<std::tuple<RemoteAddr, LiveKind, std::string, std::string>, Group> groups;
    for (const LiveObject& object : held) {
        std::string place;
        if (object.kind == LiveKind::kCoroutine) {
            const auto origin = read_origin(image.memory(), subject.layout(), object.address);
            if (origin && !origin->empty()) {
                place = origin->front().file + ":" + std::to_string(origin->front().line);
            }
        }
        const auto holder = holders.paths.find(object.address);
        const bool is_found = holder != holders.paths.end();
        const auto [entry, is_new] = groups.try_emplace(
            {object.code, object.kind, std::move(place), is_found ? place_of(holder->second) : ""});
        HeldGroup& facts = entry->second.facts;
        if (is_new) facts = describe_group(subject, image, object, options);
        if (is_new && is_found) {
            facts.holder = to_holder_facts(subject, holder->second);
            facts.held_in = holder->second.general;
        }
        entry->second.objects.push_back(object);
    }
    std::vector<Group> all;
    for (auto& [key, group] : groups) all.push_back(std::move(group));
    return all;
}

// A number for each that what takes its place in memory does not have.
std::uint64_t identify(ScanSubject& subject, const ProcessImage& image, const LiveObject& object) {
    if (object.kind != LiveKind::kCoroutine) return object.address.value ^ object.coroutine.value << 1U;
    return read_identity(image.memory(), subject.layout(), subject.codes, object.address)
        .value_or(object.address.value);
}

std::vector<HeldGroup> count_members(ScanSubject& subject, const ProcessImage& image,
                                     std::vector<Group> groups) {
    std::vector<HeldGroup> sorted;
    for (Group& group : groups) {
        if (group.objects.empty()) continue;
        group.facts.count = group.objects.size();
        for (const LiveObject& object : group.objects) {
            group.facts.members.push_back(identify(subject, image, object));
        }
        sorted.push_back(std::move(group.facts));
    }
    std::ranges::stable_sort(sorted, std::ranges::greater{}, &HeldGroup::count);
    return sorted;
}

// What was examined while all stood may be awaited a moment after they go on.
void look_again_when_thawed(const RemoteMemory& memory, const Layout& layout, const ScanOptions& options,
                            std::vector<Group>& groups, HeldReport& report) {
    options.thaw();
    std::vector<LiveObject> held;
    for (const Group& group : groups) held.insert(held.end(), group.objects.begin(), group.objects.end());
    look_again(memory, layout, options, held, report);
    std::unordered_set<RemoteAddr> stayed;
    for (const LiveObject& object : held) stayed.insert(object.address);
    for (Group& group : groups) {
        std::erase_if(group.objects,
                      [&](const LiveObject& object) { return !stayed.contains(object.address); });
    }
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
    HeldReport report;
    CT_TRY(auto look, look_at_heap(image, what, resident, options, report.facts));
    auto& [subject, scan] = look;
    std::vector<LiveObject> held = sift(scan.objects, report);
    if (!options.thaw) look_again(image.memory(), subject.layout(), options, held, report);
    const HolderSearch holders = look_for_holders(subject, image, held, options, report.facts);
    std::vector<Group> groups = make_groups(subject, image, held, holders, options);
    if (options.checks_lists) check_lists(image.memory(), subject, scan.objects, report.facts);
    if (options.thaw) look_again_when_thawed(image.memory(), subject.layout(), options, groups, report);
    report.groups = count_members(subject, image, std::move(groups));
    report.facts.took =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
    return report;
}

}  // namespace corotrace
