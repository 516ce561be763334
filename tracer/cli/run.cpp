// SPDX-License-Identifier: MIT
// The verb run: starts a command and watches each Python of its process tree. This process becomes two: the
// front, which is to the shell what the command would be, and the tracer, which does all else.
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "tracer/cli/help.hpp"
#include "tracer/cli/options.hpp"
#include "tracer/cli/reported_run.hpp"
#include "tracer/cli/verb.hpp"
#include "tracer/process/privileges.hpp"
#include "tracer/session/command_session.hpp"

namespace corotrace::cli {
namespace {

// The tracer. What it returns is for the front.
ExitCode trace(const RunCommand& run, CommandStart start) {
    if (!start.command.wait_until_allowed()) return ExitCode::kIncomplete;
    auto files = open_outputs(run.watch.output);
    if (!files) {
        start.command.take_gate().shut();
        (void)print_error(files.error());
        return ExitCode::kUsage;
    }
    auto baseline = read_baseline(run.watch.baseline, OwnCode(run.watch.attach.own));
    if (!baseline) {
        start.command.take_gate().shut();
        return print_usage_error(baseline.error(), "corotrace run --help");
    }
    if (auto dropped = drop_privileges(); !dropped) {
        start.command.take_gate().shut();
        return print_error(dropped.error());
    }
    const auto watch = [&](RunReport& report, const StopRequest& stop) -> Result<ExitCode> {
        report.on_begin({.verb = "run", .began = std::chrono::system_clock::now(), .several = true});
        CT_TRY(const auto end, run_command(std::move(start), run.watch.attach, report, stop));
        report.on_end(end.total);
        return exit_code(end, run.watch.policy);
    };
    return report_run(run.watch, std::move(files).value(),
                      {.shows_status = false, .logs = false, .baseline = &*baseline, .run = watch});
}

// What the shell is told. A tracer that was killed proves nothing.
int judge(const FrontEnd& end, const RunCommand& run) {
    const auto code = exit_code_of(end.tracer);
    if (!code) {
        std::fputs("corotrace: the tracer was killed; the command went on without it\n", stderr);
        const bool is_asked = run.watch.policy.strict || !run.watch.fail_on.empty();
        return is_asked ? static_cast<int>(ExitCode::kIncomplete) : end_as(end.command);
    }
    return *code == static_cast<int>(ExitCode::kDone) ? end_as(end.command) : *code;
}

ExitCode start_and_watch(const RunCommand& run) {
    const SignalState before = hold_signals();
    const auto flag = FrontFlag::make();
    if (!flag) return print_error(flag.error());
    auto command = HeldCommand::start(run.command, before);
    if (!command) return print_error(command.error());
    const pid_t front = ::getpid();
    const pid_t tracer = ::fork();
    if (tracer < 0) {
        command->give_up();
        return print_error({Errc::internal, errno, "no process can be started"});
    }
    if (tracer == 0) {
        leave_front(front);
        return trace(run, {.command = std::move(*command), .front = front, .flag = *flag});
    }
    const pid_t pid = command->pid();
    command->allow(tracer);
    return static_cast<ExitCode>(judge(stand_in_front(pid, tracer, *flag), run));
}

}  // namespace

ExitCode run_run_verb(const std::vector<std::string>& words) {
    const auto run = parse_run(words, [](const std::string& name) { return std::getenv(name.c_str()); });
    if (!run) return print_usage_error(run.error(), "corotrace run --help");
    if (run->watch.wants_help) {
        std::fputs(std::string(run_help()).c_str(), stdout);
        return ExitCode::kDone;
    }
    if (run->watch.wants_version) {
        std::fputs("corotrace " COROTRACE_VERSION "\n", stdout);
        return ExitCode::kDone;
    }
    return start_and_watch(*run);
}

}  // namespace corotrace::cli
