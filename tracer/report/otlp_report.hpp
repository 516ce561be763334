// SPDX-License-Identifier: MIT
// OtlpReport: a log record for each new site of a run, over all its processes, told once. Memory is bounded:
// of more than kMostSites the fingerprints are no longer kept, and none of those is told.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <unordered_set>

#include "tracer/findings/run_report.hpp"
#include "tracer/report/otlp.hpp"

namespace corotrace {

// Takes records; nobody is waited for there.
class RecordSink {
public:
    RecordSink() = default;
    RecordSink(const RecordSink&) = delete;
    RecordSink& operator=(const RecordSink&) = delete;
    virtual ~RecordSink() = default;
    // If not, none needs to be made.
    [[nodiscard]] virtual bool wants_records() const = 0;
    virtual void put(std::string record) = 0;
};

class OtlpReport final : public RunReport {
public:
    static constexpr std::size_t kMostSites = 10'000;

    using FindOrigin = std::function<OtlpOrigin(pid_t pid)>;

    // `sink` outlives it. `find_origin` is asked once for each program.
    OtlpReport(RecordSink& sink, FindOrigin find_origin)
        : sink_(sink), find_origin_(std::move(find_origin)) {}

    void on_begin(const RunFacts& /*facts*/) override {}
    void on_attached(const TargetId& target, const AttachedFacts& /*facts*/) override {
        origins_[target] = find_origin_(target.pid);
    }
    void on_finding(const TargetId& target, const Finding& finding) override;
    void on_progress(const Progress& /*progress*/) override {}
    void on_target_end(const TargetId& target, const std::vector<SiteCount>& sites,
                       const Summary& summary) override;
    void on_end(const RunSummary& /*summary*/) override {}

private:
    void tell(const TargetId& target, const Finding& finding);

    RecordSink& sink_;
    const FindOrigin find_origin_;
    std::map<TargetId, OtlpOrigin> origins_;
    std::unordered_set<std::string> told_;  // fingerprints
};

}  // namespace corotrace
