// SPDX-License-Identifier: MIT
// TeeReport: tells several reports the same, in the order in which they were added.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "tracer/findings/run_report.hpp"

namespace corotrace {

class TeeReport final : public RunReport {
public:
    void add(std::unique_ptr<RunReport> report) { reports_.push_back(std::move(report)); }

    void on_begin(const RunFacts& facts) override {
        for (const auto& report : reports_) report->on_begin(facts);
    }
    void on_attached(const TargetId& target, const AttachedFacts& facts) override {
        for (const auto& report : reports_) report->on_attached(target, facts);
    }
    void on_finding(const TargetId& target, const Finding& finding) override {
        for (const auto& report : reports_) report->on_finding(target, finding);
    }
    void on_counts(const TargetId& target, const std::vector<SiteCount>& sites,
                   const Summary& summary) override {
        for (const auto& report : reports_) report->on_counts(target, sites, summary);
    }
    void on_progress(const Progress& progress) override {
        for (const auto& report : reports_) report->on_progress(progress);
    }
    void on_target_end(const TargetId& target, const std::vector<SiteCount>& sites,
                       const Summary& summary) override {
        for (const auto& report : reports_) report->on_target_end(target, sites, summary);
    }
    void on_end(const RunSummary& summary) override {
        for (const auto& report : reports_) report->on_end(summary);
    }

private:
    std::vector<std::unique_ptr<RunReport>> reports_;
};

}  // namespace corotrace
