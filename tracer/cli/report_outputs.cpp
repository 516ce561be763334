// SPDX-License-Identifier: MIT
#include "tracer/cli/report_outputs.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <utility>

#include "symbols/unique_fd.hpp"
#include "tracer/cli/usage_error.hpp"
#include "tracer/cli/values.hpp"
#include "tracer/cli/verb.hpp"
#include "tracer/report/site_report.hpp"

namespace corotrace::cli {
namespace {

std::string describe_place(const std::string& path) {
    if (path == kToStandardError) return "standard error";
    return path == "-" ? "standard output" : path;
}

// "sarif" or "sarif:out.sarif".
Result<OutputChoice> parse_output(const Given& given, const std::string& path) {
    const std::size_t colon = given.text.find(':');
    OutputChoice choice{find_format(given.text.substr(0, colon)), path};
    if (colon != std::string::npos) choice.path = given.text.substr(colon + 1);
    if (choice.path.empty()) return make_usage(given.origin + ": the name of the file is empty");
    if (choice.format != nullptr) return choice;
    std::string names;
    for (const Format& format : formats()) names += (names.empty() ? "" : ", ") + std::string(format.name);
    return make_usage(given.origin + ": '" + given.text.substr(0, colon) + "' is not one of " + names);
}

Result<std::string> find_source_root(const Arguments& arguments) {
    const auto given = arguments.value("--source-root");
    std::error_code error;
    const auto path = std::filesystem::absolute(given ? given->text : ".", error);
    // The current folder may be gone, or out of this root.
    if (error && !given) return std::string();
    if (error || (given && given->text.empty()))
        return make_usage("--source-root: '" + (given ? given->text : "") + "' is no folder");
    std::string root = path.lexically_normal().string();
    while (root.size() > 1 && root.back() == '/') root.pop_back();
    return root;
}

// Collects what is left of a report for a file that is shared with others.
class TextWriter final : public ReportWriter {
public:
    explicit TextWriter(std::string& text) : text_(text) {}
    void write(std::string text) override { text_ += text; }
    void write_end(std::string text) override { text_ += text; }
    void set_status(std::string /*line*/) override {}

private:
    std::string& text_;
};

Status append(const std::string& path, std::string_view text) {
    const UniqueFd file(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.is_open())
        return Error{Errc::io, errno, "GITHUB_STEP_SUMMARY: '" + path + "' cannot be written"};
    while (!text.empty()) {
        const ssize_t written = ::write(file.get(), text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0)
            return Error{Errc::io, errno, "GITHUB_STEP_SUMMARY: '" + path + "' is not complete"};
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

}  // namespace

// Keeps the sites for --fail-on.
class ReportOutputs::Summaries final : public RunReport {
public:
    explicit Summaries(MergedSites& sites) : sites_(sites) {}
    void on_begin(const RunFacts& /*facts*/) override {}
    void on_attached(const TargetId& /*target*/, const AttachedFacts& /*facts*/) override {}
    void on_finding(const TargetId& /*target*/, const Finding& /*finding*/) override {}
    void on_progress(const Progress& /*progress*/) override {}
    void on_target_end(const TargetId& /*target*/, const std::vector<SiteCount>& sites,
                       const Summary& /*summary*/) override {
        for (const SiteCount& site : sites) sites_.add(site);
    }
    void on_end(const RunSummary& /*summary*/) override {}

private:
    MergedSites& sites_;
};

// Keeps the end of a report, which is as large as the list of sites, until it may be written.
class ReportOutputs::EndWriter final : public ReportWriter {
public:
    explicit EndWriter(ReportWriter& inner) : inner_(inner) {}
    void write(std::string /*text*/) override {}
    void write_end(std::string text) override { text_ += text; }
    void set_status(std::string /*line*/) override {}
    void release() { inner_.write_end(std::exchange(text_, "")); }

private:
    ReportWriter& inner_;
    std::string text_;
};

Result<OutputChoices> read_outputs(const Arguments& arguments, const std::string& default_path) {
    OutputChoices choices;
    const auto output = arguments.value("--output");
    if (output && output->text.empty()) return make_usage("--output: the name of the file is empty");
    const std::string path = output ? output->text : default_path;
    std::vector<Given> given = arguments.values("--format");
    if (given.empty()) given.push_back({"text", "--format"});
    std::set<std::string> paths;
    bool github = false;
    for (const Given& one : given) {
        CT_TRY(OutputChoice choice, parse_output(one, path));
        if (!paths.insert(choice.path).second) {
            return make_usage("two reports to " + describe_place(choice.path) +
                              "; name a file for each but one: -f text -f sarif:out.sarif");
        }
        github = github || choice.format->name == "github";
        choices.reports.push_back(std::move(choice));
    }
    if (const auto color = arguments.value("--color")) {
        CT_TRY(choices.color, parse_color(*color));
    }
    CT_TRY(choices.source_root, find_source_root(arguments));
    const char* summary = std::getenv("GITHUB_STEP_SUMMARY");
    if (github && summary != nullptr && *summary != '\0') choices.step_summary = summary;
    return choices;
}

Result<std::vector<OutputFile>> open_outputs(const OutputChoices& choices) {
    std::vector<OutputFile> files;
    files.reserve(choices.reports.size());
    for (const OutputChoice& choice : choices.reports) {
        CT_TRY(OutputFile file, OutputFile::open(choice.path));
        files.push_back(std::move(file));
    }
    return files;
}

ReportOutputs::ReportOutputs(const OutputChoices& choices, std::vector<OutputFile> files, int status_fd,
                             StopRequest& stop)
    : summary_path_(choices.step_summary) {
    for (std::size_t i = 0; i < choices.reports.size(); ++i) {
        const TerminalFacts terminal = read_terminal_facts(files[i].fd());
        threads_.push_back(
            std::make_unique<OutputThread>(std::move(files[i]), i == 0 ? status_fd : -1, stop));
        ReportWriter* writer = threads_.back().get();
        if (choices.at_end) writer = ends_.emplace_back(std::make_unique<EndWriter>(*writer)).get();
        const ReportContext context{.writer = *writer,
                                    .colored = wants_color(choices.color, terminal),
                                    .columns = terminal.columns,
                                    .own = OwnCode(choices.own),
                                    .full_stack = choices.full_stack,
                                    .source_root = choices.source_root,
                                    .version = COROTRACE_VERSION};
        reports_.add(choices.reports[i].format->make(context));
    }
    reports_.add(std::make_unique<Summaries>(sites_));
    if (!summary_path_) return;
    summary_writer_ = std::make_unique<TextWriter>(summary_);
    reports_.add(std::make_unique<SiteReport>(
        *summary_writer_, format_github_summary,
        SiteFormatOptions{.source_root = choices.source_root, .version = COROTRACE_VERSION}));
}

ReportOutputs::~ReportOutputs() = default;

OutputThread::Outcome ReportOutputs::finish() {
    for (const auto& end : ends_) end->release();
    OutputThread::Outcome all;
    for (const auto& thread : threads_) {
        OutputThread::Outcome one = thread->finish();
        if (all.written) all.written = std::move(one.written);
        all.dropped += one.dropped;
    }
    if (!summary_.empty() && all.written) all.written = append(*summary_path_, summary_);
    return all;
}

std::optional<ExitCode> judge_output(const OutputThread::Outcome& output) {
    if (!output.written) {
        if (output.written.error().os_error == EPIPE) return ExitCode::kIncomplete;
        return print_error(output.written.error());
    }
    if (output.dropped == 0) return std::nullopt;
    return print_error({Errc::io, 0,
                        std::to_string(output.dropped) +
                            " findings were not written, for the reader of the output was too slow"});
}

}  // namespace corotrace::cli
