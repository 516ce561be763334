// SPDX-License-Identifier: MIT
// StatusLine: stands before the sink of a format and shows a running session on one line of a terminal:
// time, never-awaited coroutines, rate, sites, stops, pause. It never mixes with what the format writes, see
// OutputThread.
#pragma once

#include <functional>
#include <mutex>
#include <unordered_map>

#include "tracer/findings/finding_sink.hpp"
#include "tracer/report/report_writer.hpp"

namespace corotrace {

// One line without its end, at most `columns` wide.
[[nodiscard]] std::string format_status(const Progress& progress, std::size_t columns);

// What several sessions have in common to show. Each may be told of by a thread of its own.
class ProgressSum {
public:
    // Takes in how far `session` is, and gives the sum of all.
    [[nodiscard]] Progress add(const void* session, const Progress& progress);

private:
    std::mutex mutex_;  // guards latest_
    std::unordered_map<const void*, Progress> latest_;
};

class StatusLine final : public FindingSink {
public:
    // `inner` and `writer` outlive this. `columns` is asked each time, for windows change.
    // With a `sum`, which outlives this too, all sessions are shown as one.
    StatusLine(FindingSink& inner, ReportWriter& writer, std::function<std::size_t()> columns,
               ProgressSum* sum = nullptr)
        : inner_(inner), writer_(writer), columns_(std::move(columns)), sum_(sum) {}

    void on_attached(const AttachedFacts& facts) override { inner_.on_attached(facts); }
    void on_finding(const Finding& finding) override { inner_.on_finding(finding); }
    void on_progress(const Progress& progress) override;
    void on_end(const std::vector<SiteCount>& sites, const Summary& summary) override;
    void on_total(const TreeSummary& total) override { inner_.on_total(total); }

private:
    FindingSink& inner_;
    ReportWriter& writer_;
    std::function<std::size_t()> columns_;
    ProgressSum* sum_;
};

}  // namespace corotrace
