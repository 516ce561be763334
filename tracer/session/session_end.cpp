// SPDX-License-Identifier: MIT
#include "tracer/session/session_end.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

namespace corotrace {

namespace {

std::string describe(const SessionFacts& facts) {
    const auto& how = facts.life.how_ended;
    if (facts.reason != EndReason::kTargetExited || !how) return describe_end(facts.reason);
    const std::string status = std::to_string(how->status);
    return how->kind == StopKind::kKilled ? "target killed by signal " + status
                                          : "target exited with status " + status;
}

Coverage compare_counts(const SessionFacts& facts) {
    const StubCounters& counters = facts.counts.counters();
    return judge_coverage(
        {.dealloc = counters.coroutines,
         .warned = facts.interpreters.has_cross_check() ? std::optional(counters.warned) : std::nullopt,
         .never_imported = facts.interpreters.never_imported_warnings(),
         .at_shutdown = facts.tally.at_shutdown,
         .replaced = facts.interpreters.was_replaced(),
         .dropped_elsewhere = facts.interpreters.dropped_elsewhere(),
         .target_ended = facts.reason == EndReason::kTargetExited || facts.reason == EndReason::kTargetExec});
}

// No stop comes before exec(2), and none may come before SIGKILL: both counts are then of the last look, and
// may equal each other though more was dropped.
bool misses_last_counts(const SessionFacts& facts) {
    return !facts.life.alive && !facts.life.saw_last_counts;
}

// "0.1 s", rounded up.
std::string describe_unread(const TargetLife& life) {
    const auto tenths = (life.unread.count() + 99) / 100;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

void limit(Coverage& coverage, const std::string& why) {
    coverage.state = CoverageState::kIncomplete;
    coverage.why = coverage.why ? *coverage.why + "; " + why : why;
}

std::vector<std::string> make_notes(const SessionFacts& facts, const ReportedSites& reported) {
    std::vector<std::string> notes;
    if (misses_last_counts(facts))
        notes.push_back("the counts are those of up to " + describe_unread(facts.life) +
                        " before the target ended");
    const StubCounters& counters = facts.counts.counters();
    if (counters.refused > 0) {
        notes.push_back(
            std::to_string(counters.refused) + " stops were not requested: the program handles or awaits " +
            (facts.setup.stop_signal == SIGURG ? "SIGURG" : "SIGWINCH") + " itself; those were only counted");
    }
    if (facts.counts.without_row() > 0) {
        notes.push_back(std::to_string(facts.counts.without_row()) + " drops found no room in the table of " +
                        std::to_string(facts.counts.row_count()) +
                        " counts that fits into this process: where they were sampled, the site's count is "
                        "estimated; a site of which none was sampled is not named");
    }
    const std::size_t unnamed = facts.counts.count_unnamed(facts.ledger);
    if (counters.captures_lost > 0 && unnamed > 0) {
        notes.push_back(std::to_string(unnamed) +
                        " places are counted without a name: they came faster than the stub's notes of them "
                        "were read");
    }
    if (facts.ledger.folded() > 0) {
        notes.push_back(std::to_string(facts.ledger.folded()) +
                        " places with few drops were folded, by coroutine, to bound memory");
    }
    if (reported.left_out > 0) {
        notes.push_back(std::to_string(reported.left_out) + " drops at " +
                        std::to_string(reported.left_out_sites) +
                        " other sites were left out by the filters");
    }
    return notes;
}

}  // namespace

ReportedSites find_reported(const SessionFacts& facts, const SiteFilter& filter,
                            const std::string& unseen_why) {
    const SessionSetup& setup = facts.setup;
    auto reported = choose_reported(
        facts.counts.all_sites(facts.ledger, OwnCode(setup.options.own), setup.id.pid, unseen_why), filter);
    // The counters may be those of some time before a target that ended without a stop: exec, SIGKILL.
    if (filter.accepts_all())
        reported.never_awaited = std::max(reported.never_awaited, facts.counts.counters().never_awaited());
    return reported;
}

Coverage make_coverage(const SessionFacts& facts) {
    Coverage coverage = compare_counts(facts);
    if (facts.interpreters.unchecked() > 0 && coverage.warned) {
        limit(coverage, std::to_string(facts.interpreters.unchecked()) +
                            " were dropped before the program had imported the module warnings");
    }
    if (misses_last_counts(facts))
        limit(coverage,
              "what was dropped in the target's last " + describe_unread(facts.life) + " may be missing");
    if (facts.setup.missed) limit(coverage, *facts.setup.missed);
    return coverage;
}

ReportedSites count_only(const SessionFacts& facts) {
    ReportedSites reported;
    reported.never_awaited = facts.counts.counters().never_awaited();
    reported.sampled = facts.ledger.sampled();
    return reported;
}

Progress make_progress(const SessionFacts& facts, std::chrono::milliseconds elapsed) {
    return {.elapsed = elapsed,
            .never_awaited = facts.counts.counters().never_awaited(),
            .per_second = facts.counts.per_second(),
            .sites = facts.ledger.site_count(),
            .stops = facts.stops.stops(),
            .pause_total = facts.stops.pause_total()};
}

Summary make_summary(const SessionFacts& facts, const ReportedSites& reported,
                     std::vector<std::string> course) {
    Summary summary;
    summary.never_awaited = reported.never_awaited;
    if (facts.interpreters.counts_tasks()) summary.lost_tasks = reported.lost_tasks;
    summary.sampled = reported.sampled;
    summary.sites = reported.sites.size();
    summary.stops = facts.stops.stops();
    summary.pause_total = facts.stops.pause_total();
    summary.pause_max = facts.stops.pause_max();
    summary.coverage = make_coverage(facts);
    summary.ended = describe(facts);
    summary.notes = std::move(course);
    if (reported.sites.empty() && facts.ledger.site_count() > 0 && facts.reason == EndReason::kFailed) {
        summary.sites = facts.ledger.site_count();
        summary.lost_tasks.reset();
        summary.notes.emplace_back("there was no memory left to report its sites");
    }
    const auto& of_interpreters = facts.interpreters.notes();
    summary.notes.insert(summary.notes.end(), of_interpreters.begin(), of_interpreters.end());
    for (std::string& note : make_notes(facts, reported)) summary.notes.push_back(std::move(note));
    return summary;
}

}  // namespace corotrace
