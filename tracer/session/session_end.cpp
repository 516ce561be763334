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

// Why the two counts are not equal.
std::string explain_difference(const SessionFacts& facts) {
    const StubCounters& counters = facts.counts.counters();
    if (facts.interpreters.was_replaced()) {
        return "warnings._warn_unawaited_coroutine was replaced, or imported by a further interpreter, "
               "meanwhile";
    }
    if (counters.warned < counters.coroutines && facts.interpreters.dropped_elsewhere()) {
        return "interpreters that started while we watched warn by functions of their own, not counted";
    }
    if (facts.reason == EndReason::kTargetExited || facts.reason == EndReason::kTargetExec) {
        return "the target ended before both counts could be compared at rest";
    }
    return "the two counts differ";
}

Coverage compare_counts(const SessionFacts& facts) {
    const StubCounters& counters = facts.counts.counters();
    Coverage coverage{
        .state = CoverageState::kUnknown, .dealloc = counters.coroutines, .warned = {}, .why = {}};
    if (!facts.interpreters.has_cross_check()) {
        coverage.why = "the warning path could not be watched";
        return coverage;
    }
    coverage.warned = counters.warned;
    const std::uint64_t missing = counters.coroutines - std::min(counters.coroutines, counters.warned);
    const bool are_equal = counters.warned == counters.coroutines;
    coverage.state = are_equal ? CoverageState::kExact : CoverageState::kIncomplete;
    if (are_equal) return coverage;
    if (!facts.interpreters.was_replaced() && missing > 0 && missing <= facts.tally.at_shutdown) {
        // CPython then warns without calling the function: its module is gone.
        coverage.state = CoverageState::kExact;
        coverage.why = std::to_string(missing) +
                       " were dropped at interpreter shutdown, when the warning path no longer exists";
        return coverage;
    }
    coverage.why = explain_difference(facts);
    return coverage;
}

void limit(Coverage& coverage, const std::string& why) {
    coverage.state = CoverageState::kIncomplete;
    coverage.why = coverage.why ? *coverage.why + "; " + why : why;
}

std::vector<std::string> make_notes(const SessionFacts& facts) {
    std::vector<std::string> notes;
    if (!facts.life.alive && !facts.life.saw_last_counts) {
        notes.emplace_back("the counts are those of up to 0.1 s before the target ended");
    }
    const StubCounters& counters = facts.counts.counters();
    if (counters.refused > 0) {
        notes.push_back(
            std::to_string(counters.refused) + " stops were not asked for: the program handles or awaits " +
            (facts.setup.stop_signal == SIGURG ? "SIGURG" : "SIGWINCH") + " itself; those were only counted");
    }
    if (facts.counts.without_row() > 0) {
        notes.push_back(std::to_string(facts.counts.without_row()) +
                        " drops were of more functions than the " + std::to_string(facts.counts.row_count()) +
                        " that can be counted apart in this process: their shares are estimated, and "
                        "a function of which no drop was looked at is not named");
    }
    if (facts.ledger.folded() > 0) {
        notes.push_back(std::to_string(facts.ledger.folded()) +
                        " places with few drops were folded, by coroutine, to bound memory");
    }
    if (facts.tally.filtered > 0) {
        notes.push_back(std::to_string(facts.tally.filtered) + " sampled drops were left out by the filters");
    }
    return notes;
}

}  // namespace

Coverage make_coverage(const SessionFacts& facts) {
    Coverage coverage = compare_counts(facts);
    if (facts.interpreters.unchecked() > 0 && coverage.warned) {
        limit(coverage, std::to_string(facts.interpreters.unchecked()) +
                            " were dropped before the program had imported the module warnings");
    }
    if (facts.setup.missed) limit(coverage, *facts.setup.missed);
    return coverage;
}

Summary make_summary(const SessionFacts& facts, const std::vector<SiteCount>& sites) {
    // The counters may be those of some time before a target that ended without a stop: exec, SIGKILL.
    const auto never_awaited = std::max(count_never_awaited(sites), facts.counts.counters().never_awaited());
    Summary summary;
    summary.never_awaited = never_awaited;
    if (facts.interpreters.counts_tasks()) summary.lost_tasks = count_lost_tasks(sites);
    summary.sampled = facts.ledger.sampled() - facts.tally.sampled_losses;
    summary.stops = facts.stops.stops();
    summary.pause_total = facts.stops.pause_total();
    summary.pause_max = facts.stops.pause_max();
    summary.coverage = make_coverage(facts);
    summary.ended = describe(facts);
    summary.notes = make_notes(facts);
    return summary;
}

}  // namespace corotrace
