// SPDX-License-Identifier: MIT
#include "tracer/cli/exit_code.hpp"

namespace corotrace::cli {

ExitCode exit_code(Errc code) {
    switch (code) {
        case Errc::gone:
        case Errc::not_found:
            return ExitCode::kNoProcess;
        case Errc::denied:
            return ExitCode::kDenied;
        case Errc::unsupported:
            return ExitCode::kUnsupported;
        case Errc::usage:
            return ExitCode::kUsage;
        case Errc::unreadable:
        case Errc::malformed:
        case Errc::timeout:
        case Errc::io:
        case Errc::internal:
            return ExitCode::kIncomplete;
    }
    return ExitCode::kIncomplete;
}

namespace {

template <typename Totals>
bool has_findings(const Totals& summary) {
    return summary.never_awaited.value_or(summary.sites) > 0 ||
           summary.lost_tasks.value_or(LostTaskCounts{}).all() > 0;
}

}  // namespace

ExitCode exit_code(const SessionEnd& end, const ExitPolicy& policy) {
    if (is_incomplete(end.reason)) return ExitCode::kIncomplete;
    if (policy.strict && end.summary.coverage.state != CoverageState::kExact) return ExitCode::kIncomplete;
    if (policy.fail_on_any && has_findings(end.summary)) return ExitCode::kFindings;
    return ExitCode::kDone;
}

ExitCode exit_code(const RunEnd& end, const ExitPolicy& policy) {
    if (end.lost) return ExitCode::kIncomplete;
    if (policy.strict && end.total.exact < end.total.programs) return ExitCode::kIncomplete;
    if (policy.fail_on_any && has_findings(end.total)) return ExitCode::kFindings;
    return ExitCode::kDone;
}

}  // namespace corotrace::cli
