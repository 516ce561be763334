// SPDX-License-Identifier: MIT
// The verb list: the Python processes that can be seen from here.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "tracer/cli/help.hpp"
#include "tracer/cli/process_choice.hpp"
#include "tracer/cli/process_table.hpp"
#include "tracer/cli/verb.hpp"
#include "tracer/report/terminal.hpp"

namespace corotrace::cli {
namespace {

constexpr OptionSpec kListOptions[] = {
    {"--name", "", true, false},   {"--match", "", true, false},    {"--user", "-u", true, false},
    {"--cgroup", "", true, false}, {"--format", "-f", true, false}, {"--help", "-h", false, false},
};

Result<bool> wants_lines(const Arguments& arguments) {
    const Given given = arguments.value("--format").value_or(Given{"text", "--format"});
    if (given.text == "text") return false;
    if (given.text == "jsonl") return true;
    return Error{Errc::usage, 0, given.origin + ": '" + given.text + "' is not one of text, jsonl"};
}

Result<std::string> make_list(const Arguments& arguments) {
    if (!arguments.positionals().empty())
        return Error{Errc::usage, 0, "'" + arguments.positionals()[0] + "' is one argument too many"};
    CT_TRY(const bool lines, wants_lines(arguments));
    CT_TRY(const auto filter, read_process_filter(arguments));
    CT_TRY(const auto processes, list_python_processes(filter));
    if (lines) return make_process_lines(processes);
    if (processes.empty()) return std::string();
    return make_process_table(processes, read_columns(STDOUT_FILENO).value_or(0));
}

}  // namespace

std::span<const OptionSpec> list_option_specs() {
    return kListOptions;
}

ExitCode run_list_verb(const std::vector<std::string>& words) {
    const auto arguments = Arguments::parse(kListOptions, words, [](const std::string&) { return nullptr; });
    if (!arguments) return print_usage_error(arguments.error(), "corotrace list --help");
    if (arguments->count("--help") > 0) {
        std::fputs(std::string(list_help()).c_str(), stdout);
        return ExitCode::kDone;
    }
    const auto text = make_list(*arguments);
    if (!text) {
        return text.error().code == Errc::usage ? print_usage_error(text.error(), "corotrace list --help")
                                                : print_error(text.error());
    }
    if (std::fputs(text->c_str(), stdout) < 0 || std::fflush(stdout) != 0) return ExitCode::kIncomplete;
    if (!text->empty()) return ExitCode::kDone;
    std::fputs("corotrace: no Python process that matches can be seen from here\n", stderr);
    return ExitCode::kNoProcess;
}

}  // namespace corotrace::cli
