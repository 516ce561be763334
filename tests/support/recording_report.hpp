// SPDX-License-Identifier: MIT
// RecordingReport: counts what it is told.
#pragma once

#include <vector>

#include "tracer/findings/run_report.hpp"

namespace corotrace {

struct RecordingReport final : RunReport {
    int attached = 0;
    int findings = 0;
    int ended = 0;
    Progress progress;
    std::vector<SiteCount> sites;  // of the target that ended last
    int times_counted = 0;
    std::vector<SiteCount> counts;  // of one that goes on, when they were told last

    void on_begin(const RunFacts&) override {}
    void on_attached(const TargetId&, const AttachedFacts&) override { ++attached; }
    void on_finding(const TargetId&, const Finding&) override { ++findings; }
    void on_counts(const TargetId&, const std::vector<SiteCount>& found, const Summary&) override {
        ++times_counted;
        counts = found;
    }
    void on_progress(const Progress& now) override { progress = now; }
    void on_target_end(const TargetId&, const std::vector<SiteCount>& found, const Summary&) override {
        ++ended;
        sites = found;
    }
    void on_end(const RunSummary&) override {}
};

}  // namespace corotrace
