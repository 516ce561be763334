// SPDX-License-Identifier: MIT
#include "tracer/cli/options.hpp"

#include <algorithm>
#include <array>

#include "tracer/cli/process_choice.hpp"
#include "tracer/cli/usage_error.hpp"
#include "tracer/cli/values.hpp"
#include "tracer/cli/watch_options.hpp"
#include "tracer/report/output_file.hpp"

namespace corotrace::cli {
namespace {

// Which process, and for how long.
constexpr auto kTargetOptions = std::to_array<OptionSpec>({
    {"--pid", "-p", true},
    {"--name", "", true},
    {"--match", "", true},
    {"--duration", "-d", true},
    {"--subprocesses", "-s", false},
    {"--max-events", "", true},
    {"--hold", "", true},
    {"--dry-run", "", false},
    {"--read-only", "", false},
});

// What is watched and told of it, whichever process it is: the options of run.
constexpr auto kWatchOptions = std::to_array<OptionSpec>({
    {"--include", "", true},
    {"--exclude", "", true},
    {"--every", "", false},
    {"--native", "-n", false},
    {"--show-values", "-l,--locals", false},
    {"--show-value", "", true},
    {"--own", "", true},
    {"--origin", "", true},
    {"--max-pause-share", "", true},
    {"--format", "-f", true},
    {"--output", "-o", true},
    {"--source-root", "", true},
    {"--stack", "", true},
    {"--color", "", true},
    {"--quiet", "-q", false},
    {"--verbose", "-v", false},
    {"--fail-on", "", true},
    {"--baseline", "", true},
    {"--update-baseline", "", false},
    {"--strict", "", false},
    {"--help", "-h", false, false},
    {"--version", "-V", false, false},
});

constexpr auto kAttachOptions = [] {
    std::array<OptionSpec, kTargetOptions.size() + kWatchOptions.size()> all{};
    std::copy(kWatchOptions.begin(), kWatchOptions.end(),
              std::copy(kTargetOptions.begin(), kTargetOptions.end(), all.begin()));
    return all;
}();

// The live view shows what attach reports, except reports in other formats and what only these need.
constexpr auto kNotOfTop = std::to_array<std::string_view>(
    {"--max-events", "--dry-run", "--read-only", "--every", "--format", "--output", "--source-root",
     "--fail-on", "--baseline", "--update-baseline", "--strict"});

constexpr auto kTopOptions = [] {
    std::array<OptionSpec, kAttachOptions.size() - kNotOfTop.size() + 1> all{{{"--interval", "", true}}};
    std::copy_if(kAttachOptions.begin(), kAttachOptions.end(), all.begin() + 1, [](const OptionSpec& spec) {
        return std::find(kNotOfTop.begin(), kNotOfTop.end(), spec.name) == kNotOfTop.end();
    });
    return all;
}();

constexpr std::chrono::milliseconds kShortestInterval{100};

// 0: it is to be chosen by --name or --match, or from a list.
Result<pid_t> find_pid(const Arguments& arguments) {
    const auto& words = arguments.positionals();
    if (words.size() > 1)
        return make_usage("'" + words[1] + "' is one argument too many; a corotrace attaches to one process");
    const auto given = arguments.value("--pid");
    const bool by_flag = given && given->origin == "--pid";
    if (by_flag && !words.empty())
        return make_usage("'" + words[0] + "' and --pid " + given->text + " are two process ids; give one");
    if (!words.empty()) return parse_pid({words[0], "PID"});
    if (given) return parse_pid(*given);
    return 0;
}

Result<ProcessFilter> find_choice(const Arguments& arguments, pid_t pid) {
    for (const std::string_view name : {"--name", "--match"}) {
        const auto given = arguments.value(name);
        if (pid != 0 && given && given->origin == name)
            return make_usage(given->origin + " and a process id are two choices; give one");
    }
    return read_process_filter(arguments);
}

Status read_limits(const Arguments& arguments, AttachOptions& attach) {
    if (const auto given = arguments.value("--duration")) {
        CT_TRY(attach.duration, parse_duration(*given));
    }
    if (const auto given = arguments.value("--max-events")) {
        CT_TRY(attach.max_events, parse_count(*given));
    }
    return {};
}

// Options that ask for what only tracing gives.
Status check_read_only(const Arguments& arguments) {
    for (const std::string_view name :
         {"--max-events", "--every", "--native", "--show-values", "--show-value", "--origin",
          "--max-pause-share", "--hold", "--dry-run"}) {
        if (arguments.count(name) == 0 && !arguments.value(name)) continue;
        return make_usage("--read-only sees no drop, so it does not go with " + std::string(name));
    }
    return {};
}

// Options that ask for what only a stop tells, where none may come.
Status check_hold(const Arguments& arguments, HoldMode mode) {
    if (mode == HoldMode::kAlways) return {};
    if (arguments.count("--every") > 0)
        return make_usage("--every looks at each drop, so it goes with --hold always only");
    if (mode == HoldMode::kAuto) return {};
    for (const std::string_view name : {"--max-events", "--native", "--show-values", "--show-value"}) {
        if (arguments.count(name) == 0 && !arguments.value(name)) continue;
        return make_usage("with --hold never no drop is sampled, so it does not go with " +
                          std::string(name));
    }
    return {};
}

// What children drop before they are found is not counted, and the rest is of one process.
Status check_subprocesses(const Arguments& arguments) {
    for (const std::string_view name : {"--strict", "--max-events", "--read-only", "--dry-run"}) {
        if (arguments.count(name) == 0 && !arguments.value(name)) continue;
        return make_usage("--subprocesses does not go with " + std::string(name));
    }
    return {};
}

// What of a process is watched and how.
Result<AttachOptions> read_watching(const Arguments& arguments) {
    AttachOptions attach;
    if (auto read = read_limits(arguments, attach); !read) return read.error();
    if (auto read = read_watch_options(arguments, attach); !read) return read.error();
    attach.every = arguments.count("--every") > 0;
    attach.native = arguments.count("--native") > 0;
    attach.show_values = arguments.count("--show-values") > 0;
    CT_TRY(attach.show_value_of, read_patterns(arguments, "--show-value"));
    return attach;
}

Result<AttachOptions> read_attach(const Arguments& arguments) {
    CT_TRY(AttachOptions attach, read_watching(arguments));
    CT_TRY(attach.pid, find_pid(arguments));
    attach.subprocesses = arguments.count("--subprocesses") > 0;
    if (attach.subprocesses) {
        if (auto checked = check_subprocesses(arguments); !checked) return checked.error();
    }
    // Who waits for sampled drops wants them sampled.
    if (attach.every || attach.max_events) attach.hold = HoldMode::kAlways;
    if (const auto given = arguments.value("--hold")) {
        CT_TRY(attach.hold, parse_hold(*given));
        if (auto checked = check_hold(arguments, attach.hold); !checked) return checked.error();
    }
    attach.read_only = arguments.count("--read-only") > 0;
    if (attach.read_only) {
        if (auto checked = check_read_only(arguments); !checked) return checked.error();
    }
    return attach;
}

// What is told, how and where. `path`: of the report, if no other is given.
Status read_reporting(const Arguments& arguments, AttachCommand& command, const std::string& path = "-") {
    CT_TRY(command.output, read_outputs(arguments, path));
    command.output.own = command.attach.own;
    command.attach.source_around =
        std::any_of(command.output.reports.begin(), command.output.reports.end(),
                    [](const OutputChoice& one) { return one.format->shows_around; });
    if (const auto given = arguments.value("--stack")) {
        if (given->text != "full" && given->text != "own")
            return make_usage(given->origin + ": '" + given->text + "' is not one of own, full");
        command.output.full_stack = given->text == "full";
    }
    command.quiet = arguments.count("--quiet") > 0;
    command.verbosity = arguments.count("--verbose");
    if (command.quiet && command.verbosity > 0)
        return make_usage("--quiet and --verbose contradict each other");
    if (const auto given = arguments.value("--fail-on")) {
        auto fail_on = FailOn::parse(given->text);
        if (!fail_on) return std::move(fail_on).error().in(given->origin);
        command.fail_on = std::move(fail_on).value();
        command.policy.fail_on_any = command.fail_on.fails_on_one();
    }
    CT_TRY(command.baseline, read_baseline_choice(arguments));
    // Then it is for the sites that are left to say.
    if (!command.baseline.path.empty()) command.policy.fail_on_any = false;
    command.policy.strict = arguments.count("--strict") > 0;
    return {};
}

// One process that is there, chosen and watched.
Result<AttachCommand> read_attach_command(const Arguments& arguments) {
    AttachCommand command;
    command.wants_help = arguments.count("--help") > 0;
    command.wants_version = arguments.count("--version") > 0;
    if (command.wants_help || command.wants_version) return command;
    CT_TRY(command.attach, read_attach(arguments));
    CT_TRY(command.choice, find_choice(arguments, command.attach.pid));
    if (auto read = read_reporting(arguments, command); !read) return read.error();
    return command;
}

// How many of the words stand before the command.
std::size_t count_options(std::span<const OptionSpec> specs, const std::vector<std::string>& words) {
    std::size_t i = 0;
    while (i < words.size() && words[i].size() > 1 && words[i].front() == '-' && words[i] != "--") {
        const auto is_it = [&](const OptionSpec& spec) {
            return spec.takes_value && (spec.name == words[i] || spec.also == words[i]);
        };
        i += std::any_of(specs.begin(), specs.end(), is_it) ? 2 : 1;
    }
    return std::min(i, words.size());
}

}  // namespace

std::span<const OptionSpec> attach_option_specs() {
    return kAttachOptions;
}

std::span<const OptionSpec> run_option_specs() {
    return kWatchOptions;
}

std::span<const OptionSpec> top_option_specs() {
    return kTopOptions;
}

Result<AttachCommand> parse_attach(const std::vector<std::string>& words, const Environment& environment) {
    CT_TRY(const Arguments arguments, Arguments::parse(kAttachOptions, words, environment));
    CT_TRY(AttachCommand command, read_attach_command(arguments));
    command.dry_run = arguments.count("--dry-run") > 0;
    return command;
}

Result<TopCommand> parse_top(const std::vector<std::string>& words, const Environment& environment) {
    CT_TRY(const Arguments arguments, Arguments::parse(kTopOptions, words, environment));
    TopCommand command;
    CT_TRY(command.watch, read_attach_command(arguments));
    command.watch.attach.live_counts = true;
    command.watch.output.at_end = true;
    if (const auto given = arguments.value("--interval")) {
        CT_TRY(command.interval, parse_duration(*given));
        if (command.interval < kShortestInterval)
            return make_usage(given->origin + ": '" + given->text + "' is shorter than 100ms");
    }
    return command;
}

Result<RunCommand> parse_run(const std::vector<std::string>& words, const Environment& environment) {
    const std::size_t options = count_options(kWatchOptions, words);
    const auto middle = words.begin() + static_cast<std::ptrdiff_t>(options);
    CT_TRY(const Arguments arguments,
           Arguments::parse(kWatchOptions, std::vector<std::string>(words.begin(), middle), environment));
    RunCommand run;
    AttachCommand& watch = run.watch;
    watch.wants_help = arguments.count("--help") > 0;
    watch.wants_version = arguments.count("--version") > 0;
    if (watch.wants_help || watch.wants_version) return run;
    run.command.assign(middle, words.end());
    if (!run.command.empty() && run.command.front() == "--") run.command.erase(run.command.begin());
    if (run.command.empty() || run.command.front().empty())
        return make_usage("no command to run: corotrace run [OPTIONS] -- COMMAND [ARGUMENTS]");
    CT_TRY(watch.attach, read_watching(arguments));
    // The command's own output has standard output.
    if (auto read = read_reporting(arguments, watch, kToStandardError); !read) return read.error();
    return run;
}

}  // namespace corotrace::cli
