// SPDX-License-Identifier: MIT
// StatusLine: stands before the report of a format and shows a run on one line of a terminal: time,
// never-awaited coroutines, rate, sites, stops, pause. It never mixes with what the format writes, see
// OutputThread.
#pragma once

#include <functional>
#include <utility>

#include "tracer/findings/run_report.hpp"
#include "tracer/report/report_writer.hpp"

namespace corotrace {

// One line without its end, at most `columns` wide.
[[nodiscard]] std::string format_status(const Progress& progress, std::size_t columns);

class StatusLine final : public RunReport {
public:
    // `inner` and `writer` outlive this. `columns` is asked each time, for windows change.
    StatusLine(RunReport& inner, ReportWriter& writer, std::function<std::size_t()> columns)
        : inner_(inner), writer_(writer), columns_(std::move(columns)) {}

    void on_begin(const RunFacts& facts) override { inner_.on_begin(facts); }
    void on_attached(const TargetId& target, const AttachedFacts& facts) override {
        inner_.on_attached(target, facts);
    }
    void on_finding(const TargetId& target, const Finding& finding) override {
        inner_.on_finding(target, finding);
    }
    void on_progress(const Progress& progress) override;
    void on_target_end(const TargetId& target, const std::vector<SiteCount>& sites,
                       const Summary& summary) override;
    void on_end(const RunSummary& summary) override;

private:
    RunReport& inner_;
    ReportWriter& writer_;
    std::function<std::size_t()> columns_;
};

}  // namespace corotrace
