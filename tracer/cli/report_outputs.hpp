// SPDX-License-Identifier: MIT
// ReportOutputs: the reports of a run, each in its format to its own place (-f text -f sarif:out.sarif), and
// what all verbs that report have in common of it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "symbols/result.hpp"
#include "tracer/cli/arguments.hpp"
#include "tracer/cli/exit_code.hpp"
#include "tracer/findings/merged_sites.hpp"
#include "tracer/findings/stop_request.hpp"
#include "tracer/report/formats.hpp"
#include "tracer/report/output_file.hpp"
#include "tracer/report/output_thread.hpp"
#include "tracer/report/tee_report.hpp"
#include "tracer/report/terminal.hpp"

namespace corotrace::cli {

struct OutputChoice {
    const Format* format = nullptr;
    std::string path = "-";
};

struct OutputChoices {
    std::vector<OutputChoice> reports;
    ColorMode color = ColorMode::kAuto;
    std::string source_root;       // absolute
    std::vector<std::string> own;  // see own_code.hpp
    bool full_stack = false;       // frames of libraries, too
    bool at_end = false;  // nothing is written before finish(), and what a report says meanwhile never
    std::optional<std::string> step_summary;  // where GitHub Actions wants Markdown
};

// --format, --output, --color, --source-root. Errors: usage (two reports to one place among them).
// `path`: of a report without a file, if --output is not given.
[[nodiscard]] Result<OutputChoices> read_outputs(const Arguments& arguments, const std::string& path = "-");

// All places, in order. Errors: as of OutputFile::open().
[[nodiscard]] Result<std::vector<OutputFile>> open_outputs(const OutputChoices& choices);

class ReportOutputs {
public:
    // `status_fd` as of OutputThread; `stop` outlives this. The signals that the run waits for are blocked.
    ReportOutputs(const OutputChoices& choices, std::vector<OutputFile> files, int status_fd,
                  StopRequest& stop);
    ReportOutputs(const ReportOutputs&) = delete;
    ReportOutputs& operator=(const ReportOutputs&) = delete;
    ~ReportOutputs();

    [[nodiscard]] RunReport& report() { return reports_; }
    // Told as the reports are.
    void add(std::unique_ptr<RunReport> report) { reports_.add(std::move(report)); }
    // The one that has the status line. It writes at once.
    [[nodiscard]] ReportWriter& writer() { return *threads_.front(); }
    // Of all targets that ended.
    [[nodiscard]] const MergedSites& sites() const { return sites_; }
    // Waits until all is written; once. The first error, and all that found no room.
    [[nodiscard]] OutputThread::Outcome finish();

private:
    class Summaries;
    class EndWriter;
    MergedSites sites_;
    std::string summary_;  // Markdown
    std::optional<std::string> summary_path_;
    std::vector<std::unique_ptr<OutputThread>> threads_;
    std::vector<std::unique_ptr<EndWriter>> ends_;  // of the threads, in their order
    std::unique_ptr<ReportWriter> summary_writer_;
    TeeReport reports_;
};

// Prints what went wrong with the writing; null: nothing did. A reader that left early (| head) needs no
// message, only a report that says by its code that it was cut.
[[nodiscard]] std::optional<ExitCode> judge_output(const OutputThread::Outcome& output);

}  // namespace corotrace::cli
