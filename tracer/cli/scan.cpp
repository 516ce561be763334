// SPDX-License-Identifier: MIT
// The verbs scan and tasks: what is there now, from memory alone.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>

#include "tracer/cli/arguments.hpp"
#include "tracer/cli/core_options.hpp"
#include "tracer/cli/help.hpp"
#include "tracer/cli/look_progress.hpp"
#include "tracer/cli/process_choice.hpp"
#include "tracer/cli/values.hpp"
#include "tracer/cli/verb.hpp"
#include "tracer/process/privileges.hpp"
#include "tracer/report/held_report.hpp"
#include "tracer/report/output_file.hpp"
#include "tracer/session/scan.hpp"
#include "tracer/session/scan_watch.hpp"

namespace corotrace::cli {
namespace {

constexpr OptionSpec kOptions[] = {
    {"--pid", "-p", true},          {"--format", "-f", true},
    {"--output", "-o", true},       {"--show-values", "-l,--locals"},
    {"--tree", "", false, false},   {"--check-lists", "", false, false},
    {"--holder-time", "", true},    {"--watch", "-w", true},
    {"--max-bandwidth", "", true},  {"--freeze", "", false, false},
    {"--core", "", true, false},    {"--root", "", true, false},
    {"--help", "-h", false, false},
};

enum class HeldFormat : std::uint8_t { kText, kJsonl, kHtml };

struct Command {
    ScanOptions scan;
    HeldFormat format = HeldFormat::kText;
    bool tree = false;
    std::optional<std::chrono::milliseconds> watch;  // look again so often
    std::string output = "-";
};

Result<HeldFormat> parse_format(const Given& value) {
    if (value.text == "text") return HeldFormat::kText;
    if (value.text == "jsonl") return HeldFormat::kJsonl;
    if (value.text == "html") return HeldFormat::kHtml;
    return Error{Errc::usage, 0, value.origin + " is text, jsonl or html, not '" + value.text + "'"};
}

Result<Command> make_command(const Arguments& arguments, std::string_view verb,
                             const Environment& environment) {
    Command command;
    CT_TRY(command.scan.core, find_core(arguments, environment));
    if (!command.scan.core) {
        CT_TRY(command.scan.pid, find_one_pid(arguments, verb));
    }
    for (const char* live : {"--watch", "--freeze", "--max-bandwidth"}) {
        if (!command.scan.core || arguments.count(live) == 0) continue;
        return Error{Errc::usage, 0, std::string(live) + " is of a process, and not of a core file"};
    }
    if (const auto format = arguments.value("--format")) {
        CT_TRY(command.format, parse_format(*format));
    }
    if (command.format == HeldFormat::kHtml && arguments.count("--watch") > 0) {
        return Error{Errc::usage, 0, "a page (html) is of one look: --watch goes with text and jsonl"};
    }
    if (const auto output = arguments.value("--output")) command.output = output->text;
    if (arguments.count("--show-values") > 0) command.scan.values.emplace();
    command.tree = arguments.count("--tree") > 0;
    if (const auto time = arguments.value("--holder-time")) {
        CT_TRY(command.scan.max_holder_time, parse_duration(*time));
    }
    if (const auto every = arguments.value("--watch")) {
        CT_TRY(command.watch, parse_duration(*every));
    }
    if (const auto limit = arguments.value("--max-bandwidth")) {
        CT_TRY(command.scan.max_bandwidth, parse_bandwidth(*limit));
    }
    command.scan.freezes = arguments.count("--freeze") > 0;
    command.scan.checks_lists = arguments.count("--check-lists") > 0;
    return command;
}

// How one of the verbs looks, and writes what it saw.
template <typename Report>
struct Verb {
    Result<Report> (*look)(const ScanOptions& options);
    Result<WatchEnd> (*watch)(const ScanOptions& options, std::chrono::milliseconds every,
                              const std::function<Status(const Report&)>& show);
    std::string (*format)(const Report& report, const Command& command);
};

template <typename Report>
Status look(const Verb<Report>& verb, Command& command, OutputFile& file) {
    LookProgress progress;
    command.scan.goes_on = [&](std::uint64_t bytes) {
        progress.note(bytes);
        return true;
    };
    const auto show = [&](const Report& report) {
        progress.wipe();
        return file.write(verb.format(report, command));
    };
    if (!command.watch) {
        CT_TRY(const auto report, verb.look(command.scan));
        if (auto shown = show(report); !shown) return shown;
        return file.close();
    }
    CT_TRY(const auto end, verb.watch(command.scan, *command.watch, show));
    progress.wipe();
    const std::string ended = describe_end(end.reason);
    auto written = file.write(command.format == HeldFormat::kJsonl ? format_watch_end_jsonl(end.looks, ended)
                                                                   : format_watch_end_text(end.looks, ended));
    return written ? file.close() : written;
}

template <typename Report>
ExitCode run(const std::vector<std::string>& words, std::string_view verb, std::string_view help,
             const Verb<Report>& way) {
    const std::string help_command = "corotrace " + std::string(verb) + " --help";
    const Environment environment = [](const std::string& name) { return std::getenv(name.c_str()); };
    const auto arguments = Arguments::parse(kOptions, words, environment);
    if (!arguments) return print_usage_error(arguments.error(), help_command);
    if (arguments->count("--help") > 0) {
        std::fputs(std::string(help).c_str(), stdout);
        return ExitCode::kDone;
    }
    auto command = make_command(*arguments, verb, environment);
    if (!command) return print_usage_error(command.error(), help_command);
    auto file = OutputFile::open(command->output);
    if (!file) {
        (void)print_error(file.error());
        return ExitCode::kUsage;
    }
    if (auto dropped = drop_privileges(); !dropped) return print_error(dropped.error());
    if (auto done = look(way, *command, *file); !done) return print_error(done.error());
    return ExitCode::kDone;
}

}  // namespace

std::span<const OptionSpec> scan_option_specs() {
    return kOptions;
}

ExitCode run_scan_verb(const std::vector<std::string>& words) {
    const auto format = [](const HeldReport& report, const Command& command) {
        if (command.format == HeldFormat::kHtml) return format_held_html(report);
        return command.format == HeldFormat::kJsonl ? format_held_jsonl(report) : format_held_text(report);
    };
    return run<HeldReport>(words, "scan", scan_help(),
                           {.look = scan_process, .watch = watch_held, .format = format});
}

ExitCode run_tasks_verb(const std::vector<std::string>& words) {
    const auto format = [](const TaskReport& report, const Command& command) {
        if (command.format == HeldFormat::kHtml) return format_tasks_html(report);
        return command.format == HeldFormat::kJsonl ? format_tasks_jsonl(report)
                                                    : format_tasks_text(report, command.tree);
    };
    return run<TaskReport>(words, "tasks", tasks_help(),
                           {.look = list_tasks, .watch = watch_tasks, .format = format});
}

}  // namespace corotrace::cli
