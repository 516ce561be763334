// SPDX-License-Identifier: MIT
// The verb attach: from words to a session, and from its end to an exit code.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>

#include "symbols/escape.hpp"
#include "tracer/cli/help.hpp"
#include "tracer/cli/options.hpp"
#include "tracer/cli/process_choice.hpp"
#include "tracer/cli/report_outputs.hpp"
#include "tracer/cli/session_log.hpp"
#include "tracer/cli/verb.hpp"
#include "tracer/process/privileges.hpp"
#include "tracer/report/status_line.hpp"
#include "tracer/session/attach_session.hpp"

namespace corotrace::cli {
namespace {

// While it lives, the signals that a session waits for are blocked, in threads started meanwhile too.
class BlockedSignals {
public:
    BlockedSignals() {
        ::sigemptyset(&set_);
        for (const int number : {SIGINT, SIGTERM, SIGCHLD}) ::sigaddset(&set_, number);
        ::sigprocmask(SIG_BLOCK, &set_, &before_);
        ::signal(SIGPIPE, SIG_IGN);  // a reader that left is an error of write(2), not the end
    }
    BlockedSignals(const BlockedSignals&) = delete;
    BlockedSignals& operator=(const BlockedSignals&) = delete;
    // Ctrl-C pressed twice asked for the end twice: what is pending is dropped, and the report completed.
    ~BlockedSignals() {
        const timespec at_once{};
        while (::sigtimedwait(&set_, nullptr, &at_once) > 0) {
        }
        ::sigprocmask(SIG_SETMASK, &before_, nullptr);
    }

private:
    sigset_t set_{};
    sigset_t before_{};
};

// What stands between the session and the reports: log, then status line.
class ReportChain {
public:
    ReportChain(ReportOutputs& outputs, bool shows_status) {
        RunReport* front = &outputs.report();
        if (shows_status) {
            const auto columns = [] { return read_columns(STDERR_FILENO).value_or(80); };
            front = &status_.emplace(*front, outputs.writer(), columns);
        }
        log_.emplace(*front);
    }
    [[nodiscard]] RunReport& front() { return *log_; }

private:
    std::optional<StatusLine> status_;
    std::optional<SessionLog> log_;
};

struct Attached {
    Result<ExitCode> end;
    OutputThread::Outcome output;
};

Result<ExitCode> run(const AttachCommand& command, RunReport& report, const StopRequest& stop) {
    const AttachOptions& options = command.attach;
    report.on_begin(
        {.verb = "attach", .began = std::chrono::system_clock::now(), .several = options.subprocesses});
    CT_TRY(const auto end, run_attach(options, report, stop));
    if (end.total.programs > 0) report.on_end(end.total);
    if (options.subprocesses || end.targets.empty()) return exit_code(end, command.policy);
    return exit_code(end.targets.front(), command.policy);
}

// Says why, where it is the number of sites.
ExitCode judge_sites(ExitCode code, const AttachCommand& command, const MergedSites& sites) {
    if (code != ExitCode::kDone && code != ExitCode::kFindings) return code;
    const std::string reason = command.fail_on.find_reason(sites.by_fingerprint());
    if (reason.empty()) return code;
    if (!command.quiet) std::fprintf(stderr, "corotrace: %s\n", reason.c_str());
    return ExitCode::kFindings;
}

Attached attach(const AttachCommand& command, std::vector<OutputFile> files) {
    std::optional<BlockedSignals> blocked(std::in_place);
    const bool shows_status =
        !command.quiet && command.verbosity == 0 && can_redraw(read_terminal_facts(STDERR_FILENO));
    const LogSetup log(command.quiet, command.verbosity);
    StopRequest stop;
    ReportOutputs outputs(command.output, std::move(files), shows_status ? STDERR_FILENO : -1, stop);
    ReportChain chain(outputs, shows_status);
    Result<ExitCode> end = run(command, chain.front(), stop);
    blocked.reset();  // the target is free: from here on a signal may end us while a reader is waited for
    auto written = outputs.finish();
    if (end) end = judge_sites(*end, command, outputs.sites());
    return {std::move(end), std::move(written)};
}

ExitCode print_dry_run(pid_t pid) {
    const auto lines = describe_attach(pid);
    if (!lines) return print_error(lines.error());
    for (const std::string& line : *lines) std::printf("%s\n", printable(line).c_str());
    return ExitCode::kDone;
}

}  // namespace

ExitCode run_attach_verb(const std::vector<std::string>& words) {
    auto command = parse_attach(words, [](const std::string& name) { return std::getenv(name.c_str()); });
    if (!command) return print_usage_error(command.error(), "corotrace attach --help");
    if (command->wants_help || command->wants_version) {
        std::fputs(
            command->wants_help ? std::string(attach_help()).c_str() : "corotrace " COROTRACE_VERSION "\n",
            stdout);
        return ExitCode::kDone;
    }
    if (command->attach.pid == 0) {
        const auto chosen = choose_process(command->choice);
        if (!chosen) return print_error(chosen.error());
        command->attach.pid = *chosen;
    }
    if (command->dry_run) return print_dry_run(command->attach.pid);
    auto files = open_outputs(command->output);
    if (!files) {
        (void)print_error(files.error());
        return ExitCode::kUsage;
    }
    if (auto dropped = drop_privileges(); !dropped) return print_error(dropped.error());
    const Attached done = attach(*command, std::move(files).value());
    if (!done.end) return print_error(done.end.error());
    const auto cut = judge_output(done.output);
    return cut ? *cut : *done.end;
}

}  // namespace corotrace::cli
