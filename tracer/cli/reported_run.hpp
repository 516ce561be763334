// SPDX-License-Identifier: MIT
// report_run: what all verbs that watch have in common: signals, log, status line, reports, --fail-on.
#pragma once

#include <functional>
#include <vector>

#include "tracer/cli/options.hpp"
#include "tracer/report/output_file.hpp"

namespace corotrace::cli {

struct ReportedRun {
    bool shows_status = true;      // where standard error is a terminal that can
    bool logs = true;              // what corotrace does, also without --verbose
    Baseline* baseline = nullptr;  // what is known already
    std::function<Result<ExitCode>(RunReport& report, const StopRequest& stop)> run;
};

// Prints what went wrong. `files`: of command.output, in its order.
[[nodiscard]] ExitCode report_run(const AttachCommand& command, std::vector<OutputFile> files,
                                  const ReportedRun& run);

}  // namespace corotrace::cli
