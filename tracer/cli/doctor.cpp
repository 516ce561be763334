// SPDX-License-Identifier: MIT
// The verb doctor: what stands between here and an attach.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "tracer/cli/help.hpp"
#include "tracer/cli/process_choice.hpp"
#include "tracer/cli/values.hpp"
#include "tracer/cli/verb.hpp"
#include "tracer/report/check_report.hpp"
#include "tracer/session/doctor.hpp"

namespace corotrace::cli {
namespace {

constexpr OptionSpec kDoctorOptions[] = {
    {"--pid", "-p", true},    {"--name", "", true, false}, {"--match", "", true, false},
    {"--format", "-f", true}, {"--color", "", true},       {"--help", "-h", false, false},
};

struct DoctorCommand {
    std::optional<pid_t> pid;
    bool jsonl = false;
    ColorMode color = ColorMode::kAuto;
};

Result<std::optional<pid_t>> find_doctor_pid(const Arguments& arguments) {
    CT_TRY(const auto filter, read_process_filter(arguments));
    const bool is_named = arguments.value("--pid") || !arguments.positionals().empty();
    if (is_named && !filter.is_empty())
        return Error{Errc::usage, 0,
                     "--name and --match choose a process, and so does its id; give one of them"};
    if (is_named) {
        CT_TRY(const pid_t pid, find_one_pid(arguments, "doctor"));
        return std::optional(pid);
    }
    if (filter.is_empty()) return std::optional<pid_t>();
    CT_TRY(const pid_t chosen, choose_process(filter));
    return std::optional(chosen);
}

Result<DoctorCommand> make_doctor_command(const Arguments& arguments) {
    DoctorCommand command;
    if (const auto format = arguments.value("--format")) {
        command.jsonl = format->text == "jsonl";
        if (!command.jsonl && format->text != "text")
            return Error{Errc::usage, 0,
                         format->origin + ": '" + format->text + "' is not one of text, jsonl"};
    }
    if (const auto color = arguments.value("--color")) {
        CT_TRY(command.color, parse_color(*color));
    }
    CT_TRY(command.pid, find_doctor_pid(arguments));
    return command;
}

}  // namespace

std::span<const OptionSpec> doctor_option_specs() {
    return kDoctorOptions;
}

ExitCode run_doctor_verb(const std::vector<std::string>& words) {
    const auto arguments = Arguments::parse(
        kDoctorOptions, words, [](const std::string& name) { return std::getenv(name.c_str()); });
    if (!arguments) return print_usage_error(arguments.error(), "corotrace doctor --help");
    if (arguments->count("--help") > 0) {
        std::fputs(std::string(doctor_help()).c_str(), stdout);
        return ExitCode::kDone;
    }
    const auto command = make_doctor_command(*arguments);
    if (!command) {
        return command.error().code == Errc::usage
                   ? print_usage_error(command.error(), "corotrace doctor --help")
                   : print_error(command.error());
    }
    const Examined examined = examine(command->pid);
    const ExitCode code = examined.obstacle ? exit_code(*examined.obstacle) : ExitCode::kDone;
    const Paint paint(wants_color(command->color, read_terminal_facts(STDOUT_FILENO)));
    const std::string text = command->jsonl
                                 ? format_checks_jsonl(examined.examination, static_cast<int>(code))
                                 : format_checks_text(examined.examination, paint);
    if (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0) return ExitCode::kIncomplete;
    return code;
}

}  // namespace corotrace::cli
