// SPDX-License-Identifier: MIT
#include "tracer/cli/process_choice.hpp"

#include <unistd.h>

#include <cstdio>

#include "tracer/cli/process_table.hpp"
#include "tracer/report/terminal.hpp"

namespace corotrace::cli {
namespace {

Result<std::optional<std::string>> read_pattern(const Arguments& arguments, std::string_view name) {
    const auto given = arguments.value(name);
    if (!given) return std::optional<std::string>();
    if (given->text.empty()) return Error{Errc::usage, 0, given->origin + ": the pattern is empty"};
    return std::optional(given->text);
}

}  // namespace

Result<ProcessFilter> read_process_filter(const Arguments& arguments) {
    ProcessFilter filter;
    CT_TRY(filter.name, read_pattern(arguments, "--name"));
    CT_TRY(filter.command, read_pattern(arguments, "--match"));
    CT_TRY(filter.user, read_pattern(arguments, "--user"));
    CT_TRY(filter.cgroup, read_pattern(arguments, "--cgroup"));
    return filter;
}

Result<pid_t> choose_process(const ProcessFilter& filter) {
    CT_TRY(const auto found, list_python_processes(filter));
    if (found.empty()) {
        return Error{Errc::not_found, 0,
                     filter.is_empty() ? "no Python process can be seen from here"
                                       : "no Python process matches; see what there is: corotrace list"};
    }
    if (!filter.is_empty() && found.size() == 1) return found.front().pid;
    std::fputs(make_process_table(found, read_columns(STDERR_FILENO).value_or(0)).c_str(), stderr);
    return Error{Errc::usage, 0,
                 filter.is_empty()
                     ? "which process? give its id: corotrace attach PID"
                     : std::to_string(found.size()) +
                           " processes match; give the id of one, or a pattern that only one matches"};
}

}  // namespace corotrace::cli
