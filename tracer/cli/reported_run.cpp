// SPDX-License-Identifier: MIT
#include "tracer/cli/reported_run.hpp"

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "tracer/cli/blocked_signals.hpp"
#include "tracer/cli/report_outputs.hpp"
#include "tracer/cli/session_log.hpp"
#include "tracer/cli/verb.hpp"
#include "tracer/report/baseline_report.hpp"
#include "tracer/report/status_line.hpp"

namespace corotrace::cli {
namespace {

// What stands between the session and the reports: log, then status line.
class ReportChain {
public:
    ReportChain(ReportOutputs& outputs, const AttachCommand& command, Baseline* baseline, bool shows_status) {
        RunReport* front = &outputs.report();
        if (baseline != nullptr && !command.baseline.path.empty()) {
            known_.emplace(*front, *baseline);
            if (command.baseline.updates) known_->learn(describe_today(), command.output.source_root);
            front = &*known_;
        }
        if (shows_status) {
            const auto columns = [] { return read_columns(STDERR_FILENO).value_or(80); };
            front = &status_.emplace(*front, outputs.writer(), columns);
        }
        log_.emplace(*front);
    }
    [[nodiscard]] RunReport& front() { return *log_; }

private:
    std::optional<BaselineReport> known_;
    std::optional<StatusLine> status_;
    std::optional<SessionLog> log_;
};

// Says why, where it is the number of sites.
ExitCode judge_sites(ExitCode code, const AttachCommand& command, const MergedSites& sites) {
    if (code != ExitCode::kDone && code != ExitCode::kFindings) return code;
    if (command.baseline.updates) return ExitCode::kDone;  // all of it is known now
    const std::string reason = command.fail_on.find_reason(sites.by_fingerprint());
    if (reason.empty()) return code;
    if (!command.quiet) std::fprintf(stderr, "corotrace: %s\n", reason.c_str());
    return ExitCode::kFindings;
}

// Null: nothing went wrong.
std::optional<ExitCode> keep_baseline(const AttachCommand& command, Baseline* baseline) {
    if (baseline == nullptr || command.baseline.path.empty()) return std::nullopt;
    if (!command.quiet) tell_unused(command.baseline, *baseline);
    if (!command.baseline.updates) return std::nullopt;
    baseline->forget_unused();
    auto written = write_baseline(command.baseline, *baseline);
    return written ? std::nullopt : std::optional(print_error(written.error()));
}

}  // namespace

ExitCode report_run(const AttachCommand& command, std::vector<OutputFile> files, const ReportedRun& run) {
    std::optional<BlockedSignals> blocked(std::in_place);
    const bool shows_status = run.shows_status && !command.quiet && command.verbosity == 0 &&
                              can_redraw(read_terminal_facts(STDERR_FILENO));
    const LogSetup log(command.quiet || (!run.logs && command.verbosity == 0), command.verbosity);
    StopRequest stop;
    ReportOutputs outputs(command.output, std::move(files), shows_status ? STDERR_FILENO : -1, stop);
    ReportChain chain(outputs, command, run.baseline, shows_status);
    Result<ExitCode> end = run.run(chain.front(), stop);
    blocked.reset();  // the target is free: from here on a signal may end us while a reader is waited for
    const auto written = outputs.finish();
    if (!end) return print_error(end.error());
    const auto cut = judge_output(written);
    if (cut) return *cut;
    return keep_baseline(command, run.baseline).value_or(judge_sites(*end, command, outputs.sites()));
}

}  // namespace corotrace::cli
