// SPDX-License-Identifier: MIT
// How a Watch ends: everything put back, then the totals.
#include <algorithm>
#include <csignal>
#include <utility>

#include "cpython_layouts/runtime.hpp"
#include "tracer/session/watch.hpp"

namespace corotrace {

namespace {

constexpr std::chrono::milliseconds kLastWarnings{300};
constexpr std::chrono::milliseconds kPumpStep{1};
constexpr std::uint64_t kTagMask = 3;  // of a row's key, see ProbeKind

bool is_call(const RowTotal& row) {
    return (row.key & kTagMask) == arch::StubCallKey::kTag;
}

}  // namespace

// Takes events until none is left and the counts agree, or until `until`.
void Watch::drain(Clock::time_point until) {
    while (target_alive_ && pump_ && Clock::now() < until) {
        const auto wake = pump_->wait(kPumpStep, threads_->all());
        if (!wake) target_alive_ = false;
        if (wake && wake->event) handle(*wake->event);
        if (!wake || wake->event || wake->signal) continue;
        if (!read_totals() || !probes_->counts_warnings() || counters_.warned >= counters_.coroutines) return;
    }
}

void Watch::leave() {
    if (target_alive_) {
        static_cast<void>(probes_->stop_counting());
        drain(Clock::now() + kLastWarnings);
    }
    if (target_alive_) {
        put_back_origins();
        look_at_cross_check();
        check_task_slots();
        forget_gone_interpreters(look_for_interpreters({}));
        const auto removed = probes_->remove([this] { pump_pending(); });
        if (!removed) {
            notes_.push_back("some bytes of the stub stay in the target, unused: " + removed.error().what);
        }
    }
    probes_.reset();
    left_ = Clock::now();
}

// The witness counts calls of one function object; if the program put another in its place it went blind.
void Watch::look_at_cross_check() {
    if (!probes_->counts_warnings()) return;
    const ProbeContext context{subject_.memory, *subject_.python.layout, subject_.python, subject_.symbols};
    const auto now = plan_warning_probe(context);
    if (!now) return;
    for (const SlotPlan& slot : *now) {
        if (!probes_->has_slot(slot.slot)) cross_check_replaced_ = true;
    }
}

// What the count of lost tasks may have missed.
void Watch::check_task_slots() {
    const ProbeContext context{subject_.memory, *subject_.python.layout, subject_.python, subject_.symbols};
    for (const WatchedInterpreter& one : interpreters_) {
        if (find_module_attribute(subject_.memory, context.layout, one.address, "uvloop", "Loop")) {
            notes_.emplace_back("uvloop is loaded: what its event loops are told of lost tasks is not seen");
        }
        const auto now = plan_lost_task_slot(context, one.address);
        if (!now || probes_->has_slot(now->slot)) continue;
        notes_.emplace_back(
            "asyncio's exception handler was replaced, or imported, just before the end: some "
            "lost tasks may not have been counted");
        return;
    }
}

std::string Watch::describe_end(EndReason reason) const {
    if (reason != EndReason::kTargetExited || !how_ended_) return corotrace::describe_end(reason);
    const std::string status = std::to_string(how_ended_->status);
    return how_ended_->kind == StopKind::kKilled ? "target killed by signal " + status
                                                 : "target exited with status " + status;
}

Coverage Watch::coverage() const {
    Coverage coverage{
        .state = CoverageState::kUnknown, .dealloc = counters_.coroutines, .warned = {}, .why = {}};
    if (!had_cross_check_) {
        coverage.why = "the warning path could not be watched";
        return coverage;
    }
    const auto warned = counters_.warned;
    coverage.warned = warned;
    if (warned == counters_.coroutines) {
        coverage.state = CoverageState::kExact;
        return coverage;
    }
    coverage.state = CoverageState::kIncomplete;
    if (cross_check_replaced_) {
        coverage.why =
            "warnings._warn_unawaited_coroutine was replaced, or imported by a further interpreter, "
            "meanwhile";
    } else if (warned < counters_.coroutines && counters_.coroutines - warned <= at_shutdown_) {
        // CPython then warns without calling the function: its module is gone.
        coverage.state = CoverageState::kExact;
        coverage.why = std::to_string(counters_.coroutines - warned) +
                       " were dropped at interpreter shutdown, when the warning path no longer exists";
    } else if (warned < counters_.coroutines && dropped_elsewhere_) {
        coverage.why =
            "interpreters that started while we watched warn by functions of their own, not counted";
    } else if (ended_ == EndReason::kTargetExited || ended_ == EndReason::kTargetExec) {
        coverage.why = "the target ended before both counts could be compared at rest";
    } else {
        coverage.why = "the two counts differ";
    }
    return coverage;
}

SiteCount Watch::count_only(std::uint64_t count) const {
    SiteCount site{.first = {}, .count = count, .sampled = 0, .exact = true};
    Finding& finding = site.first;
    finding.time = std::chrono::system_clock::now();
    finding.pid = options_.pid;
    finding.count = count;
    finding.notes.push_back(
        "only counted: " +
        subject_.counts_only.value_or(
            "dropped in threads that ended before they could be traced, or muted by the budget"));
    return site;
}

SiteCount Watch::unseen_loss(const RowTotal& row, TaskLoss loss) const {
    SiteCount site = count_only(row.count);
    site.first.kind = finding_kind(loss);
    site.first.fingerprint = make_fingerprint(site.first);
    return site;
}

SiteCount Watch::unseen_site(const RowTotal& row) const {
    SiteCount site = count_only(row.count);
    const auto name = row_names_.find(row.key);
    if (name != row_names_.end()) site.first.coroutine = name->second.coroutine;
    site.first.fingerprint = make_fingerprint(site.first);
    return site;
}

void Watch::name_rows() {
    const Layout& layout = *subject_.python.layout;
    auto rows = ledger_.unseen_rows(row_totals());
    std::erase_if(rows, [&](const RowTotal& row) {
        return (row.key & ~kTagMask) == 0 || row_names_.contains(row.key);
    });
    // What a runtime that was shut down left behind is no object any more.
    if (rows.empty() || look_for_interpreters({}).empty()) return;
    for (const RowTotal& row : rows) {
        const RemoteAddr object{row.key & ~kTagMask};
        if (is_call(row)) {
            const auto loss = guess_loss(subject_.memory, layout, object);
            if (loss) row_names_[row.key].loss = *loss;
        } else if (const auto code = Code::read(subject_.memory, layout, object)) {
            CoroutineFacts& coroutine = row_names_[row.key].coroutine;
            coroutine.name = code->name;
            coroutine.qualname = code->qualname;
            coroutine.file = code->filename;
            coroutine.line = code->first_line;
        }
    }
}

std::vector<RowTotal> Watch::row_totals() const {
    std::vector<RowTotal> totals;
    std::uint64_t unclear = counters_.call_overflow;
    for (const StubRow& row : rows_) {
        if (row.key == arch::StubCallKey::kTag)
            unclear += row.count;
        else
            totals.push_back({.key = row.key, .count = row.count});
    }
    totals.push_back({.key = arch::StubCallKey::kTag, .count = unclear});
    return totals;
}

std::optional<LostTaskCounts> Watch::count_lost_tasks(const std::vector<SiteCount>& sites) const {
    if (!counts_tasks_) return std::nullopt;
    LostTaskCounts counts;
    for (const SiteCount& site : sites) {
        if (!is_lost_task(site.first.kind)) continue;
        auto& count = site.first.kind == FindingKind::kTaskDestroyedPending
                          ? counts.destroyed_pending
                          : counts.exception_never_retrieved;
        count += site.count.value_or(0);
    }
    return counts;
}

std::vector<SiteCount> Watch::all_sites() {
    if (target_alive_) name_rows();
    const auto totals = row_totals();
    auto sites = ledger_.finish(totals);
    for (const RowTotal& row : ledger_.unseen_rows(totals)) {
        const auto name = row_names_.find(row.key);
        const auto loss = name == row_names_.end() ? std::nullopt : name->second.loss;
        if (is_call(row) && !loss) continue;
        SiteCount site = is_call(row) ? unseen_loss(row, *loss) : unseen_site(row);
        const auto same = std::ranges::find_if(
            sites, [&](const SiteCount& other) { return other.first.fingerprint == site.first.fingerprint; });
        if (same == sites.end()) {
            sites.push_back(std::move(site));
        } else {
            *same->count += site.count.value_or(0);
        }
    }
    std::ranges::stable_sort(sites, std::ranges::greater{}, &SiteCount::count);
    return sites;
}

SessionEnd Watch::finish() {
    using std::chrono::duration_cast;
    auto sites = all_sites();
    // The counters may be those of some time before a target that ended without a stop: exec, SIGKILL.
    std::uint64_t never_awaited = 0;
    for (const SiteCount& site : sites) {
        if (!is_lost_task(site.first.kind)) never_awaited += site.count.value_or(0);
    }
    const auto lost_tasks = count_lost_tasks(sites);
    never_awaited = std::max(never_awaited, counters_.never_awaited());
    std::erase_if(sites, [&](const SiteCount& site) {
        const CoroutineFacts& coroutine = site.first.coroutine;
        return !filter_.accepts(coroutine.qualname.value_or(""), coroutine.file.value_or(""));
    });
    const EndReason reason = ended_.value_or(EndReason::kTargetLost);
    Coverage covered = coverage();
    if (subject_.missed) {
        covered.state = CoverageState::kIncomplete;
        covered.why = covered.why ? *covered.why + "; " + *subject_.missed : *subject_.missed;
    }
    Summary summary{.never_awaited = never_awaited,
                    .lost_tasks = lost_tasks,
                    .sampled = ledger_.sampled() - sampled_losses_,
                    .sites = sites.size(),
                    .stops = stops_,
                    .pause_total = duration_cast<std::chrono::microseconds>(pause_total_),
                    .pause_max = duration_cast<std::chrono::microseconds>(pause_max_),
                    .elapsed = duration_cast<std::chrono::milliseconds>(left_ - started_),
                    .coverage = std::move(covered),
                    .ended = describe_end(reason),
                    .notes = notes_};
    if (!target_alive_ && !saw_last_counts_) {
        summary.notes.emplace_back("the counts are those of up to 0.1 s before the target ended");
    }
    if (counters_.refused > 0) {
        summary.notes.push_back(
            std::to_string(counters_.refused) + " stops were not asked for: the program handles or awaits " +
            (subject_.stop_signal == SIGURG ? "SIGURG" : "SIGWINCH") + " itself; those were only counted");
    }
    if (!rows_.empty() && rows_.back().count > 0) {
        summary.notes.push_back(std::to_string(rows_.back().count) +
                                " drops were of more functions than the " + std::to_string(rows_.size() - 1) +
                                " that can be counted apart in this process: their shares are estimated, and "
                                "a function of which no drop was looked at is not named");
    }
    if (ledger_.folded() > 0) {
        summary.notes.push_back(std::to_string(ledger_.folded()) +
                                " places with few drops were folded, by coroutine, to bound memory");
    }
    if (filtered_ > 0) {
        summary.notes.push_back(std::to_string(filtered_) + " sampled drops were left out by the filters");
    }
    sink_.on_end(sites, summary);
    return {.summary = std::move(summary), .reason = reason, .attached = true};
}

}  // namespace corotrace
