// SPDX-License-Identifier: MIT
#include "tracer/session/target_session.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

#include "tracer/diagnose/finding_maker.hpp"
#include "tracer/diagnose/mistake_source.hpp"
#include "tracer/diagnose/source_around.hpp"
#include "tracer/session/planting.hpp"

namespace corotrace {

namespace {

constexpr std::chrono::milliseconds kLastWarnings{300};
constexpr const char* kRecordsOrigins =
    "the interpreter was made to record where coroutines are created; meanwhile the program's own warnings "
    "showed that, too";

Finding judge(const DropEvidence& evidence, const AttachOptions& options, const OwnCode& own) {
    Finding finding = make_finding(evidence, preview_caps(options), own);
    if (options.source_around) add_source_around(finding, evidence.sources, own);
    add_fix_around(finding, evidence.sources);
    return finding;
}

// With the drop that comes now the same files were read as with any other one of the site, except those that
// created it elsewhere.
void refine_site(SiteLedger& ledger, const Finding& finding, SourceLines sources, TargetReader& reader) {
    ledger.learn_created(finding);
    ledger.diagnose_anew(finding, [&](Finding& site) {
        for (const std::string& file : list_diagnosis_files(site, ledger.own())) {
            if (!sources.has(file)) sources.add(file, reader.read_source(file));
        }
        diagnose_by_creation(site, sources, ledger.own());
        add_fix_around(site, sources);
    });
}

// Somebody is traced or to be traced, or there is something new.
bool is_busy(TickPace::Clock::time_point now, const Tracing& tracing, const SiteKeys& keys,
             const SessionCounts& counts, const SiteLedger& ledger) {
    return tracing.is_on() || tracing.hold().wants(now) || counts.counters().captures > 0 ||
           keys.wait_for_stops() || keys.have_more_captures() ||
           (counts.has_changed() && counts.has_unnamed(ledger));
}

}  // namespace

TargetSession::TargetSession(const SessionSetup& setup, LiveTarget target, RunReport& report)
    : setup_(setup),
      target_(target),
      report_(report),
      filter_(setup.options.include, setup.options.exclude),
      ledger_(OwnCode(setup.options.own)),
      keys_(setup.options.every || setup.options.max_events.has_value()),
      origins_(setup.options.origin, setup.options.origin_depth),
      interpreters_(target),
      // Who wants every drop in detail wants those of young threads too, whatever their creation costs.
      tracing_(target, Hold(setup.options.hold, !setup.is_held),
               StopPermit(setup.counts_only, setup.seccomp_filters),
               StopPolicy(setup.options.max_pause_share, setup.counts_only.has_value()),
               setup.options.every) {}

Status TargetSession::begin(const ServeOthers& serve) {
    const auto began = started_ = Clock::now();
    if (auto done = tracing_.begin(); !done) return done;
    AttachedFacts facts = setup_.facts;
    // Only now, for being the tracer keeps every other corotrace away.
    CT_TRY(const auto cleared, target_.probes.clear_leftovers(setup_.inherits, serve));
    note_leftovers(cleared, setup_.inherits, facts);
    auto budget = keys_.ask(tracing_.stops(), tracing_.hold().may_come());
    budget.announces_exec = setup_.is_held;
    auto planted = plant(target_.probes, budget, serve);
    if (!planted) return std::move(planted).error();
    keys_.begin(*planted, tracing_.stops());
    interpreters_.begin(planted->cross_check);
    if (planted->counted_before > 0) static_cast<void>(counts_.read(target_.probes));  // they are no news
    static_cast<void>(pace_.elapse(started_ = Clock::now()));
    next_tick_ = started_ + tick_at_age({}, setup_.is_held);
    set_origin_depth(started_);
    static_cast<void>(tracing_.tick(started_, 0));
    facts.threads = target_.threads.read_count().value_or(static_cast<unsigned>(target_.threads.size()));
    if (!tracing_.is_on()) facts.notes.push_back("not traced: " + tracing_.unseen_why());
    facts.took += std::chrono::duration_cast<std::chrono::microseconds>(started_ - began);
    facts.notes.insert(facts.notes.end(), planted->notes.begin(), planted->notes.end());
    report_.on_attached(setup_.id, facts);
    target_.reader.look_for_test();
    if (setup_.is_held && setup_.inherits) tracing_.exec().begin_forked(setup_.id.pid);
    return {};
}

void TargetSession::end(EndReason reason, std::string note) {
    end(reason);
    notes_.push_back(std::move(note));
}

void TargetSession::fail(std::string_view why) {
    ended_ = EndReason::kFailed;
    notes_.push_back("the session could not go on: " + std::string(why));
}

void TargetSession::end_with_target(EndReason reason) {
    life_.end(counts_.read_at());
    end(reason);
}

void TargetSession::take(const StopEvent& event) {
    switch (event.kind) {
        case StopKind::kSignal:
            take_signal(event);
            return;
        case StopKind::kGroupStop:
            target_.threads.listen(event.tid);
            return;
        case StopKind::kTrap:
        case StopKind::kClone:
        case StopKind::kFork:
            break;
        case StopKind::kCall:
            take_call(event.tid);
            break;
        case StopKind::kExec:
            life_.saw_last_counts = tracing_.exec().saw_last_counts();
            end_with_target(EndReason::kTargetExec);
            if (!setup_.is_held) target_.threads.let_go(event.tid);  // else who follows it takes over
            target_.threads.forget(event.tid);
            return;
        case StopKind::kExiting:
            take_exiting(event.tid);
            break;
        case StopKind::kExited:
        case StopKind::kKilled:
            take_end_of(event);
            return;
    }
    tracing_.exec().go_on(event.tid, 0);
}

// The memory is another's after it.
void TargetSession::take_call(pid_t tid) {
    if (!tracing_.exec().is_at_exec(tid) || !target_.probes.is_planted() || !counts_.read(target_.probes))
        return;
    name_unseen(/*stops_may_come=*/false);
    keys_.look_again(target_.reader, ledger_, CodeLook::kLeaving);
    tracing_.exec().on_counted();
}

// The last look at the counters: drops at interpreter shutdown are behind us, the memory not yet. But where
// only the first thread ends, it is not the last.
void TargetSession::take_exiting(pid_t tid) {
    life_.saw_last_counts =
        target_.probes.is_planted() && counts_.read(target_.probes) && !target_.threads.live_on_without(tid);
    if (target_.probes.is_planted()) name_unseen(/*stops_may_come=*/!life_.saw_last_counts);
    if (!life_.saw_last_counts) return;
    // A runtime that was shut down has freed all of its code.
    const bool is_shut_down = interpreters_.find_all().empty();
    keys_.look_again(target_.reader, ledger_, is_shut_down ? CodeLook::kExiting : CodeLook::kLeaving);
}

// What a runtime that was shut down left behind is no object any more.
void TargetSession::name_unseen(bool stops_may_come) {
    const auto patience = stops_may_come ? Captures::kStopFollows : Clock::duration{};
    do {
        for (const auto& one : keys_.take_captures(target_, ledger_, tracing_.unseen_why(), patience))
            report(one);
    } while (!stops_may_come && keys_.have_more_captures());
    if (stops_may_come && keys_.wait_for_stops()) tracing_.hold().on_new_place(Clock::now());
    // Where one new place was noted there may be more, and the notes have little room.
    if (keys_.captured_any()) next_tick_ = std::min(next_tick_, pace_.last() + kAlertTick);
    if (counts_.has_unnamed(ledger_) && !interpreters_.find_all().empty())
        counts_.name_unseen(target_.reader, ledger_);
}

void TargetSession::take_end_of(const StopEvent& event) {
    target_.threads.forget(event.tid);
    if (event.tid == setup_.id.pid) {
        life_.how_ended = event;
    } else if (target_.threads.size() > 0 || (target_.threads.seize_new() && target_.threads.size() > 0)) {
        return;
    }
    end_with_target();
}

void TargetSession::take_signal(const StopEvent& event) {
    const auto noticed = Clock::now();
    if (event.signal == setup_.stop_signal) {
        const auto registers = target_.threads.read_registers(event.tid);
        if (registers && is_stop_of_stub(target_, event, *registers, setup_.pid_in_namespace)) {
            // The place of an old stub may be that of ours by now.
            if (target_.probes.is_planted() && target_.probes.is_stop_place({registers->pc})) {
                if (!target_.probes.announces_exec(*registers)) {
                    take_drop(event.tid, *registers, noticed);
                    return;
                }
                tracing_.exec().begin(event.tid);
                static_cast<void>(tracing_.stops().on_stop(noticed, Clock::now()));
            }
            tracing_.exec().go_on(event.tid, 0);
            return;
        }
        // Somebody else's, for a thread that has it blocked except at this moment: back to the pending ones.
        if (registers && target_.probes.is_planted() && target_.probes.is_unblocked_place({registers->pc})) {
            target_.threads.block_signal(event.tid, event.signal);
        }
    }
    tracing_.exec().go_on(event.tid, event.signal);
}

void TargetSession::take_drop(pid_t tid, const arch::Registers& registers, Clock::time_point noticed) {
    // What made the session fail once is not tried again: the thread has to go on.
    const bool wanted = ended_ != EndReason::kMaxEvents && !(ended_ && is_incomplete(*ended_));
    auto evidence =
        wanted ? target_.reader.copy_drop(tid, registers) : Result<DropEvidence>(Error{Errc::gone, 0, ""});
    if (evidence) {
        interpreters_.on_drop(evidence->interpreter);
        keys_.check(target_.probes, *evidence, tracing_.stops());
    }
    tracing_.exec().go_on(tid, 0);
    const auto let_go = Clock::now();
    tracing_.let_run(noticed);
    if (tracing_.stops().on_stop(noticed, let_go)) target_.probes.write_budget(tracing_.stops().affordable());
    // What is beyond the budget is captured; if it stopped nevertheless there was no room left for it.
    if (tracing_.stops().affordable() <= 0) keys_.drain_captures(target_.probes);
    if (!evidence) return;
    target_.reader.complete(*evidence);
    // Whatever else asyncio handles.
    if (evidence->kind == DropKind::kHandlerCall && !evidence->lost_task) {
        ledger_.add_other(call_key(evidence->key));
    } else {
        report(*evidence);
        if (const auto more = keys_.next_stops(*evidence)) target_.probes.grant(*evidence, *more);
    }
}

void TargetSession::report(const DropEvidence& evidence) {
    Finding finding = judge(evidence, setup_.options, ledger_.own());
    const bool is_loss = evidence.kind == DropKind::kHandlerCall;
    if (!is_loss && finding.dropped.cause == DropCause::kShutdown) ++tally_.at_shutdown;
    const RowKind told = tell_row_kind(evidence, finding);
    ledger_.add(finding, is_loss ? call_key(evidence.key) : evidence.key, keys_.kind_of(evidence, told),
                !evidence.captured);
    if (!filter_.accepts(finding)) {
        if (!evidence.captured) ++tally_.filtered;
        keys_.learn(evidence, told, false);
        return;
    }
    refine_site(ledger_, finding, evidence.sources, target_.reader);
    origins_.learn(finding, target_.probes.is_tracking_origins(), Clock::now());
    keys_.learn(evidence, told, origins_.wants(finding.fingerprint));
    if (finding.first_at_site && !evidence.captured) tracing_.hold().on_new_place(Clock::now());
    if (finding.first_at_site || setup_.options.every) report_.on_finding(setup_.id, finding);
    const auto most = setup_.options.max_events;
    if (most && ledger_.sampled() - tally_.filtered >= *most) end(EndReason::kMaxEvents);
}

void TargetSession::tick(Clock::time_point now) {
    const auto elapsed = pace_.elapse(now);
    next_tick_ = now + tick_at_age(now - started_, setup_.is_held);
    tracing_.stops().earn(elapsed);
    if (!counts_.read_at_tick(target_.probes, elapsed)) {
        // The target is ending. The pump says so, if it is traced.
        if (!tracing_.is_on()) find_end();
        return;
    }
    const bool is_to_do = is_busy(now, tracing_, keys_, counts_, ledger_);
    const auto work = pace_.choose(now, {now - started_, is_to_do, counts_.has_changed()});
    const bool are_origins_noted = target_.probes.is_tracking_origins();
    if (work != TickPace::Work::kAll) next_tick_ = pace_.next(now);
    if (work == TickPace::Work::kAll) tick_closely(now);
    if (work == TickPace::Work::kAll || are_origins_noted) set_origin_depth(now);
    if (work == TickPace::Work::kSigns) interpreters_.look();
    if (work == TickPace::Work::kSigns) tracing_.beat();
    if (setup_.options.live_counts)
        teller_.tell_if_due(now, report_, facts(EndReason::kDeadline), filter_, tracing_.unseen_why());
}

void TargetSession::tick_closely(Clock::time_point now) {
    interpreters_.let_cross_check_count();
    target_.reader.look_for_test();
    name_unseen(tracing_.stops_may_come());
    keys_.prove(target_.probes, tracing_.stops());
    for (int i = 0; i < pace_.ticks(); ++i) keys_.look_again(target_.reader, ledger_);
    interpreters_.look();
    target_.probes.write_budget(tracing_.stops().affordable());
    keys_.share_out(target_.probes, tracing_.stops(), counts_.rows(), ledger_);
    if (tracing_.tick(now, counts_.counters().attempts)) next_tick_ = now + kAlertTick;
}

// Nobody is told of it.
void TargetSession::find_end() {
    const auto counters = target_.probes.read_counters();
    if (counters) return;  // only a part of the table cannot be read
    if (counters.error().code == Errc::malformed) {
        target_.probes.abandon();
        life_.end(counts_.read_at());
        end(EndReason::kTargetLost, "another program removed the stub while the process was not traced");
    } else {
        end_with_target(target_.threads.has_program() ? EndReason::kTargetExec : EndReason::kTargetExited);
    }
}

// At each tick, for threads that came since.
void TargetSession::set_origin_depth(Clock::time_point now) {
    // What the interpreter notes is read at stops only.
    if (!life_.tracked_origins && !tracing_.stops_may_come()) return;
    const auto choice = origins_.choose(counts_.per_second(), now);
    if (choice.until) next_tick_ = now + *choice.until;
    if (choice.depth != 0 && !life_.tracked_origins) {
        if (!target_.probes.record_origins(origins_.steady_depth(), origins_.deep_depth())) return;
        life_.tracked_origins = true;
        notes_.emplace_back(kRecordsOrigins);
    }
    if (life_.tracked_origins) target_.probes.apply_origins(choice.depth);
}

// Between two tracer threads the target may end, execute another program, or get another tracer.
void TargetSession::resume_tracing() {
    const auto now = Clock::now();
    if (is_ending() && !life_.alive) {
        target_.threads.lose();
        return;
    }
    if (auto done = tracing_.resume(now); !done) {
        life_.alive = done.error().code != Errc::gone;
        if (!life_.alive) return end(EndReason::kTargetExited);
        return end(EndReason::kTargetLost, "threads could not be followed: " + done.error().what);
    }
    if (!tracing_.is_on()) {
        next_tick_ = now;  // at once: what was captured meanwhile may want it back
    } else if (!counts_.read(target_.probes) && target_.threads.has_program()) {
        end_with_target(EndReason::kTargetExec);
    }
}

Progress TargetSession::progress(Clock::time_point now) const {
    return make_progress(facts(EndReason::kStopAsked),
                         std::chrono::duration_cast<std::chrono::milliseconds>(now - started_));
}

void TargetSession::step(Clock::time_point now, const ServeOthers& serve) {
    switch (phase_) {
        case Phase::kWatching:
            if (!ended_) return;
            phase_ = Phase::kDraining;
            left_ = now + kLastWarnings;
            if (life_.alive) {
                target_.probes.stop_counting();
                return;
            }
            [[fallthrough]];
        case Phase::kDraining:
            if (!has_drained(now)) return;
            leave(serve);
            phase_ = Phase::kLeft;
            return;
        case Phase::kLeft:
            return;
    }
}

// No event is left, and the counts agree or are not expected to any more.
bool TargetSession::has_drained(Clock::time_point now) {
    if (!life_.alive || now >= left_ || !counts_.read(target_.probes)) return true;
    const StubCounters& counters = counts_.counters();
    return !interpreters_.has_cross_check() || counters.warned >= counters.coroutines;
}

void TargetSession::leave(const ServeOthers& serve) {
    const bool has_failed = ended_ == EndReason::kFailed;
    if (!has_failed) name_unseen(/*stops_may_come=*/false);
    if (life_.alive && !tracing_.is_on() && !counts_.read(target_.probes)) find_end();
    if (life_.alive) {
        if (!has_failed) keys_.look_again(target_.reader, ledger_, CodeLook::kLeaving);
        for (std::string& note : target_.probes.put_back_origins()) notes_.push_back(std::move(note));
        if (!has_failed) interpreters_.check_before_leaving();
        if (auto removed = target_.probes.remove(serve); !removed) {
            notes_.push_back("some bytes of the stub stay in the target, unused: " + removed.error().what);
        }
    }
    left_ = Clock::now();
}

SessionEnd TargetSession::finish(Detail detail) {
    if (keys_.have_failed()) ledger_.doubt_all();
    const EndReason reason = ended_.value_or(EndReason::kTargetLost);
    const auto reported = detail == Detail::kSites
                              ? find_reported(facts(reason), filter_, tracing_.unseen_why())
                              : count_only(facts(reason));
    Summary summary = make_summary(facts(reason), reported, notes_);
    summary.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(left_ - started_);
    for (std::string& note : tracing_.notes(left_)) summary.notes.push_back(std::move(note));
    for (std::string& note : keys_.notes()) summary.notes.push_back(std::move(note));
    report_.on_target_end(setup_.id, reported.sites, summary);
    return {.summary = std::move(summary), .reason = reason};
}

}  // namespace corotrace
