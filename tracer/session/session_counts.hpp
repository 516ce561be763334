// SPDX-License-Identifier: MIT
// SessionCounts: the stub's counters and rows as they were read last, and the sites that they give with what
// was seen of drops (SiteLedger).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tracer/findings/own_code.hpp"
#include "tracer/findings/site_ledger.hpp"
#include "tracer/findings/summary.hpp"
#include "tracer/session/live_target.hpp"

namespace corotrace {

class SessionCounts {
public:
    // False: the target is ending. Cost: one read, two where something was counted.
    [[nodiscard]] bool read(const ProbeControl& probes);
    // That, and what came in a second since the last call.
    [[nodiscard]] bool read_at_tick(const ProbeControl& probes, std::chrono::nanoseconds elapsed);
    [[nodiscard]] bool has_unnamed(const SiteLedger& ledger) const { return count_unnamed(ledger) > 0; }
    // Rows of which neither a drop was seen nor a name is known.
    [[nodiscard]] std::size_t count_unnamed(const SiteLedger& ledger) const {
        return find_unnamed(ledger).size();
    }
    // Learns what rows of functions and of calls count of which no drop was seen, in time: when the target
    // has ended nobody can say. Of a place its capture tells. Cost: some 10 reads for each that is new.
    void name_unseen(const TargetReader& reader, const SiteLedger& ledger);

    [[nodiscard]] const StubCounters& counters() const { return counters_; }
    [[nodiscard]] std::vector<StubRow>& rows() { return rows_; }
    [[nodiscard]] double per_second() const { return per_second_; }
    [[nodiscard]] bool has_changed() const { return has_changed_; }
    // When they were read last.
    [[nodiscard]] std::chrono::steady_clock::time_point read_at() const { return read_at_; }
    // Functions, or places, that can be told apart.
    [[nodiscard]] std::size_t row_count() const { return rows_.empty() ? 0 : rows_.size() - 1; }
    // Drops that the rows have, as they were read last. Less than the counters say while a thread is between
    // the two.
    [[nodiscard]] std::uint64_t in_rows() const { return in_rows_; }
    [[nodiscard]] std::size_t name_count() const { return names_.size(); }
    // Drops that found no row.
    [[nodiscard]] std::uint64_t without_row() const { return rows_.empty() ? 0 : rows_.back().count; }

    // Of the process `pid`; `unseen_why`: why no drop was examined.
    [[nodiscard]] std::vector<SiteCount> all_sites(const SiteLedger& ledger, const OwnCode& own, pid_t pid,
                                                   const std::string& unseen_why) const;

private:
    [[nodiscard]] std::vector<RowTotal> totals() const;
    [[nodiscard]] std::vector<RowTotal> find_unnamed(const SiteLedger& ledger) const;
    [[nodiscard]] std::optional<SiteCount> unseen_site(const RowTotal& row, const OwnCode& own, pid_t pid,
                                                       const std::string& why) const;

    StubCounters counters_;
    std::vector<StubRow> rows_;                         // the overflow row last
    std::unordered_map<std::uint64_t, RowName> names_;  // by key
    std::uint64_t in_rows_ = 0;
    double per_second_ = 0;
    bool has_changed_ = false;  // by the last read
    std::chrono::steady_clock::time_point read_at_ = std::chrono::steady_clock::now();
};

// Calls that found no row are one more.
[[nodiscard]] std::uint64_t call_key(std::uint64_t key);

}  // namespace corotrace
