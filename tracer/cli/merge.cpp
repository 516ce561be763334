// SPDX-License-Identifier: MIT
// The verb merge: many reports into one. Touches no process.
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <set>

#include "tracer/cli/help.hpp"
#include "tracer/cli/report_outputs.hpp"
#include "tracer/cli/verb.hpp"
#include "tracer/findings/fail_on.hpp"
#include "tracer/report/report_merge.hpp"

namespace corotrace::cli {
namespace {

constexpr OptionSpec kMergeOptions[] = {
    {"--format", "-f", true}, {"--output", "-o", true}, {"--source-root", "", true},
    {"--color", "", true},    {"--fail-on", "", true},  {"--help", "-h", false, false},
};

struct MergeCommand {
    OutputChoices output;
    FailOn fail_on;
    std::vector<std::string> files;
};

Result<MergeCommand> read_command(const Arguments& arguments) {
    MergeCommand command;
    CT_TRY(command.output, read_outputs(arguments));
    if (const auto given = arguments.value("--fail-on")) {
        CT_TRY(command.fail_on, FailOn::parse(given->text));
    }
    command.files = arguments.positionals();
    if (command.files.empty()) return Error{Errc::usage, 0, "which reports? corotrace merge FILE..."};
    std::set<std::string> seen;
    for (const std::string& file : command.files) {
        if (!seen.insert(file).second) return Error{Errc::usage, 0, "'" + file + "' is given twice"};
    }
    return command;
}

Status read_reports(const std::vector<std::string>& files, ReportMerge& merge) {
    for (const std::string& name : files) {
        if (name == "-") {
            if (auto added = merge.add(std::cin, "standard input"); !added) return added;
            continue;
        }
        std::ifstream file(name, std::ios::binary);
        if (!file) return Error{Errc::usage, 0, "'" + name + "' cannot be opened"};
        if (auto added = merge.add(file, name); !added) return added;
    }
    return {};
}

void tell(const ReportMerge& merge, RunReport& report) {
    report.on_begin({.verb = "merge", .began = {}, .several = false});
    if (const auto target = merge.target()) {
        std::vector<SiteCount> sites;
        for (MergedSite& merged : merge.sites().by_count()) {
            Finding finding = merged.site.first;
            finding.count = merged.site.count;
            report.on_finding(*target, finding);
            sites.push_back(std::move(merged.site));
        }
        report.on_target_end(*target, sites, merge.summary());
    }
    report.on_end(merge.total());
}

}  // namespace

ExitCode run_merge_verb(const std::vector<std::string>& words) {
    const auto arguments = Arguments::parse(
        kMergeOptions, words, [](const std::string& name) { return std::getenv(name.c_str()); });
    if (!arguments) return print_usage_error(arguments.error(), "corotrace merge --help");
    if (arguments->count("--help") > 0) {
        std::fputs(std::string(merge_help()).c_str(), stdout);
        return ExitCode::kDone;
    }
    const auto command = read_command(*arguments);
    if (!command) return print_usage_error(command.error(), "corotrace merge --help");
    ReportMerge merge;
    if (auto read = read_reports(command->files, merge); !read) return print_error(read.error());
    auto files = open_outputs(command->output);
    if (!files) {
        (void)print_error(files.error());
        return ExitCode::kUsage;
    }
    ::signal(SIGPIPE, SIG_IGN);
    StopRequest stop;
    ReportOutputs outputs(command->output, std::move(files).value(), -1, stop);
    tell(merge, outputs.report());
    if (const auto cut = judge_output(outputs.finish())) return *cut;
    const std::string reason = command->fail_on.find_reason(merge.sites().by_fingerprint());
    if (reason.empty()) return ExitCode::kDone;
    std::fprintf(stderr, "corotrace: %s\n", reason.c_str());
    return ExitCode::kFindings;
}

}  // namespace corotrace::cli
