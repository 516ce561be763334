// SPDX-License-Identifier: MIT
// RunReport: whom a run tells. One object for a run of one or many targets; a report format implements it,
// and so do the tests. It is called on one thread only.
//
// Order: on_begin; then of each target on_attached, any number of on_finding, on_target_end, those of several
// targets mixed; on_progress at any time between; on_end last. A run that could attach to nothing is told
// neither a target nor an end.
#pragma once

#include <vector>

#include "tracer/findings/finding.hpp"
#include "tracer/findings/progress.hpp"
#include "tracer/findings/summary.hpp"
#include "tracer/findings/target_id.hpp"

namespace corotrace {

class RunReport {
public:
    RunReport() = default;
    RunReport(const RunReport&) = delete;
    RunReport& operator=(const RunReport&) = delete;
    virtual ~RunReport() = default;

    virtual void on_begin(const RunFacts& facts) = 0;
    virtual void on_attached(const TargetId& target, const AttachedFacts& facts) = 0;
    virtual void on_finding(const TargetId& target, const Finding& finding) = 0;
    // Of a target that goes on, every few seconds if it dropped something since and
    // AttachOptions::live_counts asks for it: its sites and totals up to now. Formats ignore it.
    virtual void on_counts(const TargetId& /*target*/, const std::vector<SiteCount>& /*sites*/,
                           const Summary& /*summary*/) {}
    // The sum over all targets, about ten times a second; a format without a status line ignores it.
    virtual void on_progress(const Progress& progress) = 0;
    // All sites of the target by falling count, and its totals.
    virtual void on_target_end(const TargetId& target, const std::vector<SiteCount>& sites,
                               const Summary& summary) = 0;
    virtual void on_end(const RunSummary& summary) = 0;
};

}  // namespace corotrace
