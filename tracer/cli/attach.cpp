// SPDX-License-Identifier: MIT
// The verb attach: from words to a session, and from its end to an exit code.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <optional>

#include "tracer/cli/help.hpp"
#include "tracer/cli/options.hpp"
#include "tracer/cli/session_log.hpp"
#include "tracer/cli/verb.hpp"
#include "tracer/process/privileges.hpp"
#include "tracer/report/escape.hpp"
#include "tracer/report/output_file.hpp"
#include "tracer/report/output_thread.hpp"
#include "tracer/report/status_line.hpp"
#include "tracer/session/tree_session.hpp"

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

// What stands between the session and the output: format, then status line, then log.
class SinkChain final : public FindingSink {
public:
    SinkChain(const AttachCommand& command, const ReportContext& context, bool shows_status, ProgressSum& sum)
        : report_(command.format->make(context)) {
        FindingSink* front = report_.get();
        if (shows_status) {
            const auto columns = [] { return read_columns(STDERR_FILENO).value_or(80); };
            front = &status_.emplace(*front, context.writer, columns, context.several ? &sum : nullptr);
        }
        log_.emplace(*front);
    }
    void on_attached(const AttachedFacts& facts) override { log_->on_attached(facts); }
    void on_finding(const Finding& finding) override { log_->on_finding(finding); }
    void on_progress(const Progress& progress) override { log_->on_progress(progress); }
    void on_end(const std::vector<SiteCount>& sites, const Summary& summary) override {
        log_->on_end(sites, summary);
    }
    void on_total(const TreeSummary& total) override { log_->on_total(total); }

private:
    std::unique_ptr<FindingSink> report_;
    std::optional<StatusLine> status_;
    std::optional<SessionLog> log_;
};

struct Attached {
    Result<ExitCode> end;
    OutputThread::Outcome output;
};

Result<ExitCode> run(const AttachCommand& command, const SinkMaker& make_sink, const StopRequest& stop) {
    if (command.attach.subprocesses) {
        CT_TRY(const auto end, run_tree(command.attach, make_sink, stop));
        return exit_code(end, command.policy);
    }
    const auto sink = make_sink();
    CT_TRY(const auto end, run_attach(command.attach, *sink, stop));
    return exit_code(end, command.policy);
}

Attached attach(const AttachCommand& command, OutputFile file) {
    std::optional<BlockedSignals> blocked(std::in_place);
    const TerminalFacts terminal = read_terminal_facts(file.fd());
    const bool shows_status =
        !command.quiet && command.verbosity == 0 && can_redraw(read_terminal_facts(STDERR_FILENO));
    const LogSetup log(command.quiet, command.verbosity);
    StopRequest stop;
    OutputThread output(std::move(file), shows_status ? STDERR_FILENO : -1, stop);
    const ReportContext context{.writer = output,
                                .colored = wants_color(command.color, terminal),
                                .columns = terminal.columns,
                                .several = command.attach.subprocesses};
    ProgressSum sum;
    const auto make_sink = [&] { return std::make_unique<SinkChain>(command, context, shows_status, sum); };
    Result<ExitCode> end = run(command, make_sink, stop);
    blocked.reset();  // the target is free: from here on a signal may end us while a reader is waited for
    return {std::move(end), output.finish()};
}

// A reader that left early (| head) needs no message, only a report that says by its code that it was cut.
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

ExitCode print_dry_run(pid_t pid) {
    const auto lines = describe_attach(pid);
    if (!lines) return print_error(lines.error());
    for (const std::string& line : *lines) std::printf("%s\n", printable(line).c_str());
    return ExitCode::kDone;
}

}  // namespace

ExitCode run_attach_verb(const std::vector<std::string>& words) {
    const auto command =
        parse_attach(words, [](const std::string& name) { return std::getenv(name.c_str()); });
    if (!command) return print_usage_error(command.error(), "corotrace attach --help");
    if (command->wants_help || command->wants_version) {
        std::fputs(
            command->wants_help ? std::string(attach_help()).c_str() : "corotrace " COROTRACE_VERSION "\n",
            stdout);
        return ExitCode::kDone;
    }
    if (command->dry_run) return print_dry_run(command->attach.pid);
    auto file = OutputFile::open(command->output);
    if (!file) {
        (void)print_error(file.error());
        return ExitCode::kUsage;
    }
    if (auto dropped = drop_privileges(); !dropped) return print_error(dropped.error());
    const Attached done = attach(*command, std::move(file).value());
    if (!done.end) return print_error(done.end.error());
    const auto cut = judge_output(done.output);
    return cut ? *cut : *done.end;
}

}  // namespace corotrace::cli
