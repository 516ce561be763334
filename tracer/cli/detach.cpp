// SPDX-License-Identifier: MIT
// The verb detach: takes out of a process what a killed corotrace left in it.
#include <cstdio>
#include <cstdlib>

#include "symbols/escape.hpp"
#include "tracer/cli/arguments.hpp"
#include "tracer/cli/help.hpp"
#include "tracer/cli/values.hpp"
#include "tracer/cli/verb.hpp"
#include "tracer/process/event_pump.hpp"
#include "tracer/process/privileges.hpp"
#include "tracer/session/detach_session.hpp"

namespace corotrace::cli {
namespace {

constexpr OptionSpec kDetachOptions[] = {
    {"--pid", "-p", true},
    {"--help", "-h", false, false},
};

}  // namespace

ExitCode run_detach_verb(const std::vector<std::string>& words) {
    const auto arguments = Arguments::parse(
        kDetachOptions, words, [](const std::string& name) { return std::getenv(name.c_str()); });
    if (!arguments) return print_usage_error(arguments.error(), "corotrace detach --help");
    if (arguments->count("--help") > 0) {
        std::fputs(std::string(detach_help()).c_str(), stdout);
        return ExitCode::kDone;
    }
    const auto pid = find_one_pid(*arguments, "detach");
    if (!pid) return print_usage_error(pid.error(), "corotrace detach --help");
    if (auto dropped = drop_privileges(); !dropped) return print_error(dropped.error());
    block_pump_signals();
    const auto outcome = run_detach(*pid);
    if (!outcome) return print_error(outcome.error());
    for (const std::string& why : outcome->kept) {
        std::fprintf(stderr, "corotrace: something stays in %d, unused: %s\n", *pid, printable(why).c_str());
    }
    if (!outcome->kept.empty()) return ExitCode::kIncomplete;
    std::fprintf(stderr,
                 outcome->removed > 0 ? "corotrace: removed what a killed corotrace had left in %d\n"
                                      : "corotrace: nothing was left in %d\n",
                 *pid);
    return ExitCode::kDone;
}

}  // namespace corotrace::cli
