// SPDX-License-Identifier: MIT
// StatusLine: stands before the sink of a format and shows a running session on one line of a terminal:
// time, orphans, rate, sites, stops, pause. It never mixes with what the format writes, see OutputThread.
#pragma once

#include <functional>

#include "tracer/observe/finding_sink.hpp"
#include "tracer/report/report_writer.hpp"

namespace corotrace {

// One line without its end, at most `columns` wide.
[[nodiscard]] std::string format_status(const Progress& progress, std::size_t columns);

class StatusLine final : public FindingSink {
public:
    // `inner` and `writer` outlive this. `columns` is asked each time, for windows change.
    StatusLine(FindingSink& inner, ReportWriter& writer, std::function<std::size_t()> columns)
        : inner_(inner), writer_(writer), columns_(std::move(columns)) {}

    void on_attached(const AttachedFacts& facts) override { inner_.on_attached(facts); }
    void on_finding(const Finding& finding) override { inner_.on_finding(finding); }
    void on_progress(const Progress& progress) override;
    void on_end(const std::vector<SiteCount>& sites, const Summary& summary) override;

private:
    FindingSink& inner_;
    ReportWriter& writer_;
    std::function<std::size_t()> columns_;
};

}  // namespace corotrace
