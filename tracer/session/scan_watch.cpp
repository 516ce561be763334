// SPDX-License-Identifier: MIT
#include "tracer/session/scan_watch.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <thread>
#include <unordered_set>
#include <utility>

#include "tracer/process/event_pump.hpp"
#include "tracer/process/procfs.hpp"

namespace corotrace {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBetweenAsks{50};  // for a signal, while memory is read
constexpr std::chrono::seconds kToEnd{5};

LookNumber number_of(const StayWatch& watch) {
    return {.number = watch.looks(), .since_first = watch.since_first(), .since_last = watch.since_last()};
}

// The same group at each look: in words, for code and holders may move.
std::string name_of(const HeldGroup& group) {
    std::string name = group.coroutine.type.value_or("") + '\0' + group.coroutine.qualname.value_or("") +
                       '\0' + group.coroutine.file.value_or("") + '\0' +
                       std::to_string(group.coroutine.line.value_or(0)) + '\0' + group.held_in.value_or("");
    const auto add = [&](const Frame& frame) {
        name += '\0' + frame.file + '\0' + std::to_string(frame.line.value_or(0)) + '\0' + frame.function;
    };
    if (group.created_at && !group.created_at->empty()) add(group.created_at->back());
    if (group.holder && group.holder->frame) add(*group.holder->frame);
    return name;
}

// Memory goes a moment before the process, so a look may fail in other ways than by its end.
bool ends_soon(pid_t pid) {
    const auto until = Clock::now() + kToEnd;
    do {
        if (read_is_ending(pid, pid).value_or(true)) return true;
        std::this_thread::sleep_for(kBetweenAsks);
    } while (Clock::now() < until);
    return false;
}

class Signals {
public:
    // Asked at each read: a signal is looked for now and then.
    bool goes_on() {
        const auto now = Clock::now();
        if (now - asked_ < kBetweenAsks) return !signal_;
        asked_ = now;
        if (!signal_) signal_ = wait_for_signal(std::chrono::nanoseconds::zero());
        return !signal_;
    }
    void wait_until(Clock::time_point until) {
        for (auto now = Clock::now(); !signal_ && now < until; now = Clock::now()) {
            signal_ = wait_for_signal(until - now);
        }
    }
    [[nodiscard]] const std::optional<int>& signal() const { return signal_; }

private:
    Clock::time_point asked_;
    std::optional<int> signal_;
};

template <typename Report>
Result<WatchEnd> watch(ScanOptions options, std::chrono::milliseconds every,
                       Result<Report> (*look)(const ScanOptions&),
                       const std::function<Status(const Report&)>& show) {
    StayWatch stays;
    Signals signals;
    WatchEnd end;
    for (;;) {
        const auto began = Clock::now();
        auto report = look(options);
        if (signals.signal()) break;
        if (!report && end.looks == 0) return std::move(report).error();
        if (!report) {
            const bool is_gone = report.error().code == Errc::gone || ends_soon(options.pid);
            end.reason = is_gone ? EndReason::kTargetExited : EndReason::kTargetLost;
            return end;
        }
        keep_what_stayed(*report, stays, began);
        if (auto shown = show(*report); !shown) return shown.error();
        if (++end.looks == 1) {
            block_pump_signals();
            options.goes_on = [&signals, also = options.goes_on](std::uint64_t bytes) {
                return signals.goes_on() && (!also || also(bytes));
            };
        }
        signals.wait_until(began + every);
        if (signals.signal()) break;
    }
    end.reason = end_reason_of(*signals.signal());
    return end;
}

}  // namespace

void keep_what_stayed(HeldReport& report, StayWatch& watch, StayWatch::Time now) {
    watch.begin_look(now);
    report.look = number_of(watch);
    for (HeldGroup& group : report.groups) group.stay = watch.add(name_of(group), group.members);
    if (watch.looks() == 1) return;
    std::erase_if(report.groups, [](const HeldGroup& group) { return group.stay->stayed == 0; });
}

void keep_what_stayed(TaskReport& report, StayWatch& watch, StayWatch::Time now) {
    watch.begin_look(now);
    report.look = number_of(watch);
    std::vector<std::size_t> moved_to(report.tasks.size(), report.tasks.size());
    std::vector<HeldTask> kept;
    for (std::size_t i = 0; i < report.tasks.size(); ++i) {
        HeldTask& task = report.tasks[i];
        const Stay stay = watch.add({}, std::span(&task.member, 1));
        if (watch.looks() > 1 && stay.stayed == 0) continue;
        task.unmoved = stay.oldest;
        moved_to[i] = kept.size();
        kept.push_back(std::move(task));
    }
    for (TaskGroup& group : report.groups) {
        std::erase_if(group.members, [&](std::size_t i) { return moved_to[i] >= kept.size(); });
        for (std::size_t& member : group.members) member = moved_to[member];
    }
    std::erase_if(report.groups, [](const TaskGroup& group) { return group.members.empty(); });
    std::ranges::stable_sort(report.groups, [](const TaskGroup& a, const TaskGroup& b) {
        return a.members.size() > b.members.size();
    });
    std::unordered_set<std::uint64_t> ids;
    for (const HeldTask& task : kept) ids.insert(task.id);
    std::erase_if(report.cycles, [&](const std::vector<std::uint64_t>& cycle) {
        return !std::ranges::all_of(cycle, [&](std::uint64_t id) { return ids.contains(id); });
    });
    report.tasks = std::move(kept);
}

Result<WatchEnd> watch_held(const ScanOptions& options, std::chrono::milliseconds every,
                            const std::function<Status(const HeldReport&)>& show) {
    return watch<HeldReport>(options, every, scan_process, show);
}

Result<WatchEnd> watch_tasks(const ScanOptions& options, std::chrono::milliseconds every,
                             const std::function<Status(const TaskReport&)>& show) {
    return watch<TaskReport>(options, every, list_tasks, show);
}

}  // namespace corotrace
