// SPDX-License-Identifier: MIT
// SiteReport: a report that is written at the end of the run, from the sites of all targets merged. Nothing
// is written without an end: a run that fails to attach leaves an old file as it was.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tracer/findings/merged_sites.hpp"
#include "tracer/findings/run_report.hpp"
#include "tracer/report/report_writer.hpp"
#include "tracer/report/site_formats.hpp"

namespace corotrace {

class SiteReport final : public RunReport {
public:
    using Render = std::string (*)(std::span<const SiteCount> sites, const SiteFormatOptions& options);

    // `writer` outlives this.
    SiteReport(ReportWriter& writer, Render render, SiteFormatOptions options)
        : writer_(writer), render_(render), options_(std::move(options)) {}

    void on_begin(const RunFacts& /*facts*/) override {}
    void on_attached(const TargetId& /*target*/, const AttachedFacts& /*facts*/) override {}
    void on_finding(const TargetId& /*target*/, const Finding& /*finding*/) override {}
    void on_progress(const Progress& /*progress*/) override {}
    void on_target_end(const TargetId& target, const std::vector<SiteCount>& sites,
                       const Summary& summary) override;
    void on_end(const RunSummary& summary) override;

private:
    ReportWriter& writer_;
    Render render_;
    SiteFormatOptions options_;
    MergedSites sites_;
};

}  // namespace corotrace
