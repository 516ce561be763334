// SPDX-License-Identifier: MIT
// The verbs scan and tasks: what is there now, from memory alone.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "tracer/cli/arguments.hpp"
#include "tracer/cli/core_options.hpp"
#include "tracer/cli/help.hpp"
#include "tracer/cli/values.hpp"
#include "tracer/cli/verb.hpp"
#include "tracer/process/privileges.hpp"
#include "tracer/report/held_report.hpp"
#include "tracer/report/output_file.hpp"
#include "tracer/session/scan.hpp"

namespace corotrace::cli {
namespace {

constexpr OptionSpec kOptions[] = {
    {"--pid", "-p", true},        {"--format", "-f", true},
    {"--output", "-o", true},     {"--show-values", "-l,--locals"},
    {"--tree", "", false, false}, {"--check-lists", "", false, false},
    {"--holder-time", "", true},  {"--core", "", true, false},
    {"--root", "", true, false},  {"--help", "-h", false, false},
};

struct Command {
    ScanOptions scan;
    bool jsonl = false;
    bool tree = false;
    std::string output = "-";
};

Result<Command> make_command(const Arguments& arguments, std::string_view verb,
                             const Environment& environment) {
    Command command;
    CT_TRY(command.scan.core, find_core(arguments, environment));
    if (!command.scan.core) {
        CT_TRY(command.scan.pid, find_one_pid(arguments, verb));
    }
    if (const auto format = arguments.value("--format")) {
        command.jsonl = format->text == "jsonl";
        if (!command.jsonl && format->text != "text") {
            return Error{Errc::usage, 0, format->origin + " is text or jsonl, not '" + format->text + "'"};
        }
    }
    if (const auto output = arguments.value("--output")) command.output = output->text;
    if (arguments.count("--show-values") > 0) command.scan.values.emplace();
    command.tree = arguments.count("--tree") > 0;
    if (const auto time = arguments.value("--holder-time")) {
        CT_TRY(command.scan.max_holder_time, parse_duration(*time));
    }
    command.scan.checks_lists = arguments.count("--check-lists") > 0;
    return command;
}

Status write(OutputFile& file, const std::string& text) {
    if (auto done = file.write(text); !done) return done;
    return file.close();
}

template <typename Look>
ExitCode run(const std::vector<std::string>& words, std::string_view verb, std::string_view help,
             const Look& look) {
    const std::string help_command = "corotrace " + std::string(verb) + " --help";
    const Environment environment = [](const std::string& name) { return std::getenv(name.c_str()); };
    const auto arguments = Arguments::parse(kOptions, words, environment);
    if (!arguments) return print_usage_error(arguments.error(), help_command);
    if (arguments->count("--help") > 0) {
        std::fputs(std::string(help).c_str(), stdout);
        return ExitCode::kDone;
    }
    const auto command = make_command(*arguments, verb, environment);
    if (!command) return print_usage_error(command.error(), help_command);
    auto file = OutputFile::open(command->output);
    if (!file) {
        (void)print_error(file.error());
        return ExitCode::kUsage;
    }
    if (auto dropped = drop_privileges(); !dropped) return print_error(dropped.error());
    const Result<std::string> text = look(*command);
    if (!text) return print_error(text.error());
    if (auto written = write(*file, *text); !written) return print_error(written.error());
    return ExitCode::kDone;
}

}  // namespace

ExitCode run_scan_verb(const std::vector<std::string>& words) {
    return run(words, "scan", scan_help(), [](const Command& command) -> Result<std::string> {
        CT_TRY(const auto report, scan_process(command.scan));
        return command.jsonl ? format_held_jsonl(report) : format_held_text(report);
    });
}

ExitCode run_tasks_verb(const std::vector<std::string>& words) {
    return run(words, "tasks", tasks_help(), [](const Command& command) -> Result<std::string> {
        CT_TRY(const auto report, list_tasks(command.scan));
        return command.jsonl ? format_tasks_jsonl(report) : format_tasks_text(report, command.tree);
    });
}

}  // namespace corotrace::cli
