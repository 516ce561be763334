// SPDX-License-Identifier: MIT
// Logging of a session on standard error. Logs from a thread of its own and drops the oldest lines rather
// than wait: a stopped terminal must not hold up the thread that resumes the target.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "tracer/findings/run_report.hpp"

namespace corotrace::cli {

// While it lives, spdlog's default logger is set up; its end writes what is left.
class LogSetup {
public:
    enum class When : std::uint8_t {
        kAtOnce,
        kAtEnd,  // the last lines, for standard error shows something else meanwhile; no info unless verbose
    };

    // Quiet: errors only; else info and above, with 1 debug, with 2 or more trace.
    LogSetup(bool quiet, std::size_t verbosity, When when = When::kAtOnce);
    LogSetup(const LogSetup&) = delete;
    LogSetup& operator=(const LogSetup&) = delete;
    ~LogSetup();

private:
    std::function<void()> write_kept_;
};

// Stands before a report and logs what passes; never a name or value of the target above debug.
class SessionLog final : public RunReport {
public:
    explicit SessionLog(RunReport& inner) : inner_(inner) {}

    void on_begin(const RunFacts& facts) override;
    void on_attached(const TargetId& target, const AttachedFacts& facts) override;
    void on_finding(const TargetId& target, const Finding& finding) override;
    void on_counts(const TargetId& target, const std::vector<SiteCount>& sites,
                   const Summary& summary) override {
        inner_.on_counts(target, sites, summary);
    }
    void on_progress(const Progress& progress) override;
    void on_target_end(const TargetId& target, const std::vector<SiteCount>& sites,
                       const Summary& summary) override;
    void on_end(const RunSummary& summary) override;

private:
    RunReport& inner_;
};

}  // namespace corotrace::cli
