// SPDX-License-Identifier: MIT
// BaselineReport: stands before the reports of a run and keeps from them what a baseline knows: those
// findings are not shown, not counted and no reason to fail. What was left out is told as a note.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tracer/findings/baseline.hpp"
#include "tracer/findings/reported_sites.hpp"
#include "tracer/findings/run_report.hpp"

namespace corotrace {

class BaselineReport final : public RunReport {
public:
    // Both outlive it.
    BaselineReport(RunReport& inner, Baseline& baseline) : inner_(inner), baseline_(baseline) {}

    // New ones, too, are shown, for it is the baseline that is to know them: put there at the end of each
    // target. `today` and `root` as of Baseline::add().
    void learn(std::string today, std::string root);

    void on_begin(const RunFacts& facts) override { inner_.on_begin(facts); }
    void on_attached(const TargetId& target, const AttachedFacts& facts) override {
        inner_.on_attached(target, facts);
    }
    void on_finding(const TargetId& target, const Finding& finding) override;
    void on_progress(const Progress& progress) override { inner_.on_progress(progress); }
    void on_target_end(const TargetId& target, const std::vector<SiteCount>& sites,
                       const Summary& summary) override;
    void on_end(const RunSummary& summary) override;

private:
    RunReport& inner_;
    Baseline& baseline_;
    bool learns_ = false;
    std::string today_;
    std::string root_;
    std::uint64_t known_sites_ = 0;  // of all targets, as are the next
    std::uint64_t known_drops_ = 0;
    LostTaskCounts known_losses_;
};

}  // namespace corotrace
