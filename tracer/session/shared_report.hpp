// SPDX-License-Identifier: MIT
// SharedReport: one report for sessions in several threads. Each gets a sink of its own, whose calls go to
// the report one at a time and with the session's target; progress is summed up over all.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "tracer/findings/run_report.hpp"
#include "tracer/session/finding_sink.hpp"

namespace corotrace {

class SharedReport {
public:
    // `report` outlives this, and this all its sinks.
    explicit SharedReport(RunReport& report) : report_(report) {}

    [[nodiscard]] std::unique_ptr<FindingSink> make_sink(const TargetId& target);

private:
    class Sink;

    std::mutex mutex_;  // guards what follows
    RunReport& report_;
    std::map<TargetId, Progress> running_;
    Progress ended_;  // of all that have ended
};

}  // namespace corotrace
