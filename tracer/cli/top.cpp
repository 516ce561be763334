// SPDX-License-Identifier: MIT
// The verb top: what attach reports, seen while it happens: sites by the rate at which they drop now, full
// screen on a terminal; the whole report at the end.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "symbols/unique_fd.hpp"
#include "tracer/cli/blocked_signals.hpp"
#include "tracer/cli/help.hpp"
#include "tracer/cli/session_log.hpp"
#include "tracer/cli/verb.hpp"
#include "tracer/cli/watched_process.hpp"
#include "tracer/findings/live_counts.hpp"
#include "tracer/process/privileges.hpp"
#include "tracer/screen/terminal_screen.hpp"
#include "tracer/screen/top_thread.hpp"

namespace corotrace::cli {
namespace {

// Says why, where it is a terminal that could be thought to do.
bool can_fill_screen(const AttachCommand& command) {
    const TerminalFacts terminal = read_terminal_facts(STDOUT_FILENO);
    if (!can_redraw(terminal)) return false;
    if (!UniqueFd(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)).is_open()) return false;
    if (TerminalScreen::is_known(*terminal.term, STDOUT_FILENO)) return true;
    if (!command.quiet)
        std::fputs(
            "corotrace: terminfo has no entry for this TERM: a table each interval instead of the screen\n",
            stderr);
    return false;
}

std::string describe_watched(const AttachOptions& options) {
    return "process " + std::to_string(options.pid) + (options.subprocesses ? " and its children" : "");
}

ExitCode show(const TopCommand& command, std::vector<OutputFile> files) {
    const AttachCommand& watch = command.watch;
    const bool full_screen = can_fill_screen(watch);
    std::optional<BlockedSignals> blocked(
        std::in_place, full_screen ? std::span<const int>(TopThread::kSignals) : std::span<const int>());
    const bool keeps_log = full_screen && ::isatty(STDERR_FILENO) == 1;
    const LogSetup log(watch.quiet, watch.verbosity,
                       keeps_log ? LogSetup::When::kAtEnd : LogSetup::When::kAtOnce);
    StopRequest stop;
    ReportOutputs outputs(watch.output, std::move(files), -1, stop);
    auto told = std::make_unique<LiveCounts>();
    const LiveCounts& counts = *told;
    outputs.add(std::move(told));
    SessionLog report(outputs.report());
    TopThread top({.full_screen = full_screen,
                   .interval = command.interval,
                   .view = {.title = describe_watched(watch.attach),
                            .own = OwnCode(watch.attach.own),
                            .full_stack = watch.output.full_stack}},
                  counts, outputs.writer(), stop);
    const auto end = watch_process(watch, "top", report, stop);
    const Status shown = top.finish();
    blocked.reset();  // the target is free: from here on a signal may end us while a reader is waited for
    const auto written = outputs.finish();
    if (!end) return print_error(end.error());
    if (!shown) return print_error(shown.error());
    return judge_output(written).value_or(*end);
}

}  // namespace

ExitCode run_top_verb(const std::vector<std::string>& words) {
    auto command = parse_top(words, [](const std::string& name) { return std::getenv(name.c_str()); });
    if (!command) return print_usage_error(command.error(), "corotrace top --help");
    AttachCommand& watch = command->watch;
    if (watch.wants_help || watch.wants_version) {
        std::fputs(watch.wants_help ? std::string(top_help()).c_str() : "corotrace " COROTRACE_VERSION "\n",
                   stdout);
        return ExitCode::kDone;
    }
    if (auto chosen = choose_target(watch); !chosen) return print_error(chosen.error());
    auto files = open_outputs(watch.output);
    if (!files) return print_error(files.error());
    if (auto dropped = drop_privileges(); !dropped) return print_error(dropped.error());
    return show(*command, std::move(files).value());
}

}  // namespace corotrace::cli
