// SPDX-License-Identifier: MIT
// The verb attach: from words to a session, and from its end to an exit code.
#include <cstdio>
#include <cstdlib>

#include "symbols/escape.hpp"
#include "tracer/cli/help.hpp"
#include "tracer/cli/options.hpp"
#include "tracer/cli/reported_run.hpp"
#include "tracer/cli/verb.hpp"
#include "tracer/cli/watched_process.hpp"
#include "tracer/process/privileges.hpp"
#include "tracer/session/attach_session.hpp"

namespace corotrace::cli {
namespace {

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
    if (auto chosen = choose_target(*command); !chosen) return print_error(chosen.error());
    if (command->dry_run) return print_dry_run(command->attach.pid);
    auto files = open_outputs(command->output);
    if (!files) {
        (void)print_error(files.error());
        return ExitCode::kUsage;
    }
    if (auto dropped = drop_privileges(); !dropped) return print_error(dropped.error());
    auto baseline = read_baseline(command->baseline, OwnCode(command->attach.own));
    if (!baseline) return print_usage_error(baseline.error(), "corotrace attach --help");
    return report_run(*command, std::move(files).value(),
                      {.baseline = &*baseline, .run = [&](RunReport& report, const StopRequest& stop) {
                           return watch_process(*command, "attach", report, stop);
                       }});
}

}  // namespace corotrace::cli
