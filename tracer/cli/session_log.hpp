// SPDX-License-Identifier: MIT
// Logging of a session on standard error. Logs from a thread of its own and drops the oldest lines rather
// than wait: a stopped terminal must not hold up the thread that resumes the target.
#pragma once

#include <cstddef>

#include "tracer/findings/finding_sink.hpp"

namespace corotrace::cli {

// While it lives, spdlog's default logger is set up; its end writes what is left.
class LogSetup {
public:
    // Quiet: errors only; else info and above, with 1 debug, with 2 or more trace.
    LogSetup(bool quiet, std::size_t verbosity);
    LogSetup(const LogSetup&) = delete;
    LogSetup& operator=(const LogSetup&) = delete;
    ~LogSetup();
};

// Stands before another sink and logs what passes; never a name or value of the target above debug.
class SessionLog final : public FindingSink {
public:
    explicit SessionLog(FindingSink& inner) : inner_(inner) {}

    void on_attached(const AttachedFacts& facts) override;
    void on_finding(const Finding& finding) override;
    void on_progress(const Progress& progress) override;
    void on_end(const std::vector<SiteCount>& sites, const Summary& summary) override;
    void on_total(const TreeSummary& total) override { inner_.on_total(total); }

private:
    FindingSink& inner_;
};

}  // namespace corotrace::cli
