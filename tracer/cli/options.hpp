// SPDX-License-Identifier: MIT
// AttachCommand: a checked `corotrace attach ...`. Pure: words and environment in, values or a message out.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "tracer/cli/arguments.hpp"
#include "tracer/cli/baseline_file.hpp"
#include "tracer/cli/exit_code.hpp"
#include "tracer/cli/report_outputs.hpp"
#include "tracer/findings/fail_on.hpp"
#include "tracer/session/attach_options.hpp"
#include "tracer/session/process_list.hpp"

namespace corotrace::cli {

struct AttachCommand {
    AttachOptions attach;  // without a pid it is to be chosen:
    ProcessFilter choice;
    OutputChoices output;
    FailOn fail_on;
    BaselineChoice baseline;
    bool quiet = false;
    std::size_t verbosity = 0;  // how often -v was given
    bool dry_run = false;
    ExitPolicy policy;
    bool wants_help = false;     // then nothing else is set
    bool wants_version = false;  // nor here
};

// A checked `corotrace run ...`.
struct RunCommand {
    AttachCommand watch;               // without a process
    std::vector<std::string> command;  // and its arguments
};

// A checked `corotrace top ...`.
struct TopCommand {
    AttachCommand watch;
    std::chrono::milliseconds interval{1000};  // from one drawing, or table, to the next
};

// Each option of the verb, for help, man page and completion to be held against.
[[nodiscard]] std::span<const OptionSpec> attach_option_specs();

[[nodiscard]] std::span<const OptionSpec> run_option_specs();

[[nodiscard]] std::span<const OptionSpec> top_option_specs();

// `words` without the program and the verb. Errors: usage.
[[nodiscard]] Result<AttachCommand> parse_attach(const std::vector<std::string>& words,
                                                 const Environment& environment);
[[nodiscard]] Result<TopCommand> parse_top(const std::vector<std::string>& words,
                                           const Environment& environment);
// The command begins after "--", or at the first word that is no option. Errors: usage.
[[nodiscard]] Result<RunCommand> parse_run(const std::vector<std::string>& words,
                                           const Environment& environment);

}  // namespace corotrace::cli
