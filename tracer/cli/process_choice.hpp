// SPDX-License-Identifier: MIT
// The options by which a process is chosen without its id, the same for every verb that takes one.
#pragma once

#include "tracer/cli/arguments.hpp"
#include "tracer/session/process_list.hpp"

namespace corotrace::cli {

// --name, --match, --user, --cgroup, as far as the verb has them. Errors: usage (an empty pattern).
[[nodiscard]] Result<ProcessFilter> read_process_filter(const Arguments& arguments);

// The options of the verbs list, doctor, and scan and tasks, for help, man page and completion to be held
// against.
[[nodiscard]] std::span<const OptionSpec> list_option_specs();
[[nodiscard]] std::span<const OptionSpec> doctor_option_specs();
[[nodiscard]] std::span<const OptionSpec> scan_option_specs();

// The one process that matches. Errors: not_found, and usage where several match or nothing was asked for;
// then a table of those there are goes to standard error.
[[nodiscard]] Result<pid_t> choose_process(const ProcessFilter& filter);

}  // namespace corotrace::cli
