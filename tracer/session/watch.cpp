// SPDX-License-Identifier: MIT
#include "tracer/session/watch.hpp"

#include <algorithm>
#include <csignal>
#include <thread>
#include <utility>

#include "tracer/process/procfs.hpp"

namespace corotrace {

namespace {

// How many rows' worth of stops the last row gets: it is shared by all functions beyond the table.
constexpr std::int64_t kOverflowWeight = 8;
// As long as a thread takes from a stop at a new place until it is through with the drop.
constexpr std::chrono::microseconds kLetItRun{60};
// Stops that follow each other sooner are a burst: the thread would only wait for us at the next one.
constexpr std::chrono::microseconds kBurst{500};
// While stops that were asked for are missing: how soon a young thread's next drop can be seen.
constexpr std::chrono::milliseconds kAlertTick{10};

DropReader::Settings reader_settings(const AttachOptions& options) {
    PreviewCaps caps;
    caps.all_names = options.show_values;
    caps.named = options.show_value_of;
    return {.show_values = options.show_values || !options.show_value_of.empty(),
            .native = options.native,
            .caps = std::move(caps)};
}

// Calls that found no row are one more.
std::uint64_t call_key(std::uint64_t key) {
    return key == 0 ? arch::StubCallKey::kTag : key;
}

std::optional<unsigned> read_filters(pid_t pid) {
    const auto status = read_process_status(pid);
    if (!status) return std::nullopt;
    return status->seccomp.value_or(0) == 0 ? 0 : status->seccomp_filters.value_or(1);
}

}  // namespace

Watch::Watch(const AttachOptions& options, WatchSubject& subject, FindingSink& sink, const StopRequest& stop)
    : options_(options),
      subject_(subject),
      sink_(sink),
      stop_(stop),
      filter_(options.include, options.exclude),
      reader_(options.pid, subject.memory, subject.symbols, subject.python, reader_settings(options)),
      test_name_(subject.memory, subject.symbols),
      budget_(options.max_pause_share),
      origins_(subject.memory, *subject.python.layout, subject.python.runtime),
      filters_(read_filters(options.pid)),
      follow_threads_(options.every) {}

Result<Watch::Leave> Watch::run(SeizeOption options) {
    auto threads = TracedThreads::attach(options_.pid, options);
    if (!threads && !probes_) return std::move(threads).error();
    if (!threads) {
        lose_target(threads.error());
        return Leave::kOver;
    }
    threads_ = *std::move(threads);
    pump_.emplace(subject_.group);
    if (!probes_) {
        clear_leftovers();
        if (auto done = begin(); !done) return done.error();
    } else {
        check_program();
        refill_budget();
    }
    return loop();
}

// Between two runs nobody traces: then the target may end, or somebody else become its tracer.
void Watch::lose_target(const Error& why) {
    pump_.reset();
    target_alive_ = why.code != Errc::gone;
    end(target_alive_ ? EndReason::kTargetLost : EndReason::kTargetExited);
    if (target_alive_) notes_.push_back("threads could not be followed: " + why.what);
    leave();
}

// Or it may have executed another program.
void Watch::check_program() {
    if (read_totals() || !read_exe(options_.pid)) return;
    target_alive_ = false;
    end(EndReason::kTargetExec);
}

Status Watch::begin() {
    const auto began = Clock::now();
    const ProbeContext context{subject_.memory, *subject_.python.layout, subject_.python, subject_.symbols};
    CT_TRY(const auto plan, plan_probes(context));
    const std::uint32_t initial_stops = subject_.counts_only ? 0 : budget_.initial_stops_per_row();
    const PlantedProbes::Settings settings{.stop_signal = subject_.stop_signal,
                                           .initial_stops = initial_stops,
                                           .budget = subject_.counts_only ? 0 : budget_.affordable(),
                                           .pid = subject_.pid_in_namespace};
    CT_TRY(auto probes,
           PlantedProbes::plant(options_.pid, subject_.memory, subject_.symbols, plan, settings));
    probes_.emplace(std::move(probes));
    had_cross_check_ = probes_->counts_warnings();
    remember_interpreters();
    watch_tasks();
    set_origin_depth();
    started_ = last_tick_ = origin_paid_ = Clock::now();
    next_tick_ = started_ + kTick;
    AttachedFacts facts = subject_.facts;
    facts.threads = threads_->size();
    facts.took += std::chrono::duration_cast<std::chrono::microseconds>(started_ - began);
    facts.notes.insert(facts.notes.end(), plan.notes.begin(), plan.notes.end());
    if (probes_->stopped_to_write()) {
        facts.notes.emplace_back(
            "the kernel lets nobody write code of a running process "
            "(proc_mem.force_override): a thread is stopped for that, now and at the end");
    }
    sink_.on_attached(facts);
    test_name_.look();
    return {};
}

Watch::Leave Watch::loop() {
    while (!ended_) {
        const auto now = Clock::now();
        if (now >= next_tick_) tick(now);
        if (stop_.asked()) end(EndReason::kStopAsked);
        if (options_.duration && now - started_ >= *options_.duration) end(EndReason::kDeadline);
        if (wants_restart_ && !ended_) {
            wants_restart_ = false;
            // Nobody traces until the next run: then a stop would be a signal for the program.
            static_cast<void>(write_stub_budget(subject_.memory, probes_->data(), 0));
            pump_pending();
            return Leave::kFollowThreads;
        }
        if (ended_) break;
        auto limit = next_tick_ - now;
        if (options_.duration) limit = std::min<Clock::duration>(limit, started_ + *options_.duration - now);
        const auto wake = pump_->wait(std::max(limit, Clock::duration::zero()), threads_->all());
        if (!wake) {
            target_alive_ = false;
            end(EndReason::kTargetExited);
        } else if (wake->signal) {
            end(*wake->signal == SIGINT ? EndReason::kInterrupted : EndReason::kTerminated);
        } else if (wake->event) {
            handle(*wake->event);
        }
    }
    leave();
    return Leave::kOver;
}

void Watch::end(EndReason reason) {
    if (!ended_) ended_ = reason;
}

void Watch::handle_drop(pid_t tid, const arch::Registers& registers, Clock::time_point noticed) {
    const bool wanted = ended_ != EndReason::kMaxEvents;
    auto drop = wanted ? reader_.copy(tid, registers) : Result<Drop>(Error{Errc::gone, 0, ""});
    if (drop) {
        watch_interpreter(drop->interpreter);
        drop->test = test_name_.read();
    }
    static_cast<void>(ptrace_resume(tid, 0));
    const auto pause = Clock::now() - noticed;
    // If we are on the thread's core it goes first, for what is left to do takes longer than the stop did.
    // Not by yielding: on a busy core that may keep the next one waiting for some ms.
    if (noticed - std::exchange(last_stop_, noticed) > kBurst) std::this_thread::sleep_for(kLetItRun);
    ++stops_;
    pause_total_ += pause;
    pause_max_ = std::max<std::chrono::nanoseconds>(pause_max_, pause);
    budget_.spend(pause);
    if (budget_.is_unlimited() && stops_ % (StopBudget::kPortion / 2) == 0) refill_budget();
    if (!drop) return;
    reader_.confirm(*drop);
    // Whatever else asyncio handles.
    if (drop->kind == ProbeKind::kLostTask && !drop->lost_task) {
        ledger_.add_other(call_key(drop->key));
    } else {
        report(*drop);
    }
}

void Watch::report(Drop& drop) {
    Finding finding = reader_.make_finding(drop);
    reader_.add_mistake(drop, finding);
    reader_.add_source(finding);  // now, for the ledger keeps it, and at the end the target may be gone
    const bool is_loss = drop.kind == ProbeKind::kLostTask;
    if (is_loss) ++sampled_losses_;
    ledger_.add(finding, is_loss ? call_key(drop.key) : drop.key);
    if (!filter_.accepts(finding.coroutine.qualname.value_or(""), finding.coroutine.file.value_or(""))) {
        ++filtered_;
        return;
    }
    if (!is_loss && finding.dropped.frames && finding.dropped.frames->empty()) ++at_shutdown_;
    learn_origin(finding);
    if (finding.first_at_site || options_.every) sink_.on_finding(finding);
    if (options_.max_events && ledger_.sampled() - filtered_ >= *options_.max_events) {
        end(EndReason::kMaxEvents);
    }
}

bool Watch::read_totals() {
    const auto counters = probes_->read_counters();
    if (!counters) return false;
    const bool changed =
        counters->never_awaited() != counters_.never_awaited() || counters->handled != counters_.handled;
    counters_ = *counters;
    if (!changed) return true;
    auto rows = probes_->read_rows();
    if (!rows) return false;
    previous_rows_ = std::exchange(rows_, std::move(rows).value());
    name_rows();
    return true;
}

void Watch::tick(Clock::time_point now) {
    const auto elapsed = now - last_tick_;
    const auto before = counters_.never_awaited();
    last_tick_ = now;
    next_tick_ = now + kTick;
    budget_.earn(elapsed);
    if (!cross_check_counts_) cross_check_counts_ = probes_->let_cross_check_count().ok();
    if (!read_totals()) return;  // the target is ending: the pump will say so
    const double seconds = std::chrono::duration<double>(elapsed).count();
    per_second_ = static_cast<double>(counters_.never_awaited() - before) / seconds;
    watch_sandbox();
    test_name_.look();
    watch_tasks();
    grant_stops();
    watch_new_threads();
    set_origin_depth();
    sink_.on_progress(progress(now));
}

// A process that sandboxes itself while we watch: from now on the stub makes no system calls in it.
void Watch::watch_sandbox() {
    if (subject_.counts_only) return;
    const auto filters = read_filters(options_.pid);
    if (!filters || filters == filters_) return;
    subject_.counts_only = "the process took on a seccomp(2) filter meanwhile";
    static_cast<void>(write_stub_initial_stops(subject_.memory, probes_->data(), 0));
    notes_.push_back("from then on drops were only counted: " + *subject_.counts_only);
}

std::int64_t Watch::refill_budget() {
    const auto affordable = subject_.counts_only ? 0 : budget_.affordable();
    static_cast<void>(write_stub_budget(subject_.memory, probes_->data(), affordable));
    return affordable;
}

// Gives what the budget allows to the functions that used up theirs and went on dropping.
void Watch::grant_stops() {
    const auto affordable = refill_budget();
    std::vector<std::size_t> hungry;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        const auto before = i < previous_rows_.size() ? previous_rows_[i].count : 0;
        const StubRow& row = rows_[i];
        if (ledger_.has_only_others(row.key)) continue;
        if (row.count > before && row.stops >= budget_.initial_stops_per_row() + row.granted) {
            hungry.push_back(i);
        }
    }
    previous_rows_ = rows_;
    if (hungry.empty() || affordable == 0 || budget_.is_unlimited()) return;
    const auto each = std::max<std::int64_t>(1, affordable / static_cast<std::int64_t>(hungry.size()));
    for (const std::size_t i : hungry) {
        const auto stops = each * (i + 1 == rows_.size() ? kOverflowWeight : 1);
        rows_[i].granted =
            rows_[i].stops - budget_.initial_stops_per_row() + static_cast<std::uint32_t>(stops);
        static_cast<void>(probes_->grant(i, rows_[i].granted));
    }
}

// A stop that was asked for and did not come is one of a thread that we do not trace yet: a young one. If
// that happens, threads are followed from their creation; until then their creation costs the target nothing.
void Watch::watch_new_threads() {
    const auto count = read_thread_count(options_.pid);
    if (count && *count != thread_count_) {
        thread_count_ = *count;
        static_cast<void>(threads_->seize_new());
    }
    const auto missing = counters_.attempts - std::min(counters_.attempts, stops_);
    if (missing > missed_) next_tick_ = last_tick_ + kAlertTick;
    // One that was asked for since may be on its way.
    const auto missed = attempts_before_ - std::min(attempts_before_, stops_);
    attempts_before_ = counters_.attempts;
    if (missed > missed_) {
        missed_ = missed;
        wants_restart_ = !std::exchange(follow_threads_, true);
    }
}

Progress Watch::progress(Clock::time_point now) const {
    return {.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - started_),
            .never_awaited = counters_.never_awaited(),
            .per_second = per_second_,
            .sites = ledger_.site_count(),
            .stops = stops_,
            .pause_total = std::chrono::duration_cast<std::chrono::microseconds>(pause_total_)};
}

}  // namespace corotrace
