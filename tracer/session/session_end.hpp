// SPDX-License-Identifier: MIT
// What a session knows beforehand, keeps count of, and tells at its end: plain values, and the pure functions
// that make the summary of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tracer/findings/finding.hpp"
#include "tracer/findings/progress.hpp"
#include "tracer/findings/reported_sites.hpp"
#include "tracer/findings/summary.hpp"
#include "tracer/findings/target_id.hpp"
#include "tracer/process/stop_event.hpp"
#include "tracer/session/attach_options.hpp"
#include "tracer/session/end_reason.hpp"
#include "tracer/session/interpreter_watch.hpp"
#include "tracer/session/session_counts.hpp"
#include "tracer/session/stop_policy.hpp"

namespace corotrace {

// Everything about a session that is settled before it begins.
struct SessionSetup {
    TargetId id;
    AttachOptions options;
    AttachedFacts facts;
    int stop_signal = 0;
    pid_t pid_in_namespace = 0;
    std::optional<std::string> counts_only;  // why no stop may be asked for
    std::optional<unsigned> seccomp_filters;
    bool inherits = false;              // what is found in it is most likely that of a watched parent
    bool is_held = false;               // from its first instruction on, and followed by who held it
    std::optional<std::string> missed;  // why drops from before are not counted
};

struct SessionTally {
    std::uint64_t filtered = 0;
    std::uint64_t at_shutdown = 0;  // drops seen while the interpreter was finalizing
};

// What became of the target's process.
struct TargetLife {
    bool alive = true;                    // with the program that was attached to
    bool saw_last_counts = false;         // at its exit
    std::optional<StopEvent> how_ended;   // kExited or kKilled
    bool tracked_origins = false;         // the interpreter was told to note them
    std::chrono::milliseconds unread{0};  // at most so long before its end the counts were read last

    void end(std::chrono::steady_clock::time_point read) {
        alive = false;
        unread = std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() - read);
    }
};

struct SessionEnd {
    Summary summary;  // the same as went to the report
    EndReason reason = EndReason::kDeadline;
};

// What the parts of a session know at its end.
struct SessionFacts {
    const SessionSetup& setup;
    const SessionTally& tally;
    const TargetLife& life;
    const SessionCounts& counts;
    const InterpreterWatch& interpreters;
    const StopPolicy& stops;
    const SiteLedger& ledger;
    EndReason reason;
};

// The sites up to now. `unseen_why`: why no drop was examined.
[[nodiscard]] ReportedSites find_reported(const SessionFacts& facts, const SiteFilter& filter,
                                          const std::string& unseen_why);
// Where there is no memory for the sites: totals.
[[nodiscard]] ReportedSites count_only(const SessionFacts& facts);
[[nodiscard]] Coverage make_coverage(const SessionFacts& facts);
[[nodiscard]] Progress make_progress(const SessionFacts& facts, std::chrono::milliseconds elapsed);
// `course`: notes of the session's course, which come first.
[[nodiscard]] Summary make_summary(const SessionFacts& facts, const ReportedSites& reported,
                                   std::vector<std::string> course);

}  // namespace corotrace
