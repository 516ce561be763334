// SPDX-License-Identifier: MIT
// Verb: the first word of a command line and what it runs. To add one: NAME.cpp beside this file, its
// function below, and its line in main.cpp.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "symbols/result.hpp"
#include "tracer/cli/exit_code.hpp"

namespace corotrace::cli {

struct Verb {
    std::string_view name;
    // With the words after the verb. May throw what its packages throw; main() catches.
    ExitCode (*run)(const std::vector<std::string>& words);
};

[[nodiscard]] ExitCode run_attach_verb(const std::vector<std::string>& words);
[[nodiscard]] ExitCode run_top_verb(const std::vector<std::string>& words);
[[nodiscard]] ExitCode run_run_verb(const std::vector<std::string>& words);
[[nodiscard]] ExitCode run_merge_verb(const std::vector<std::string>& words);
[[nodiscard]] ExitCode run_detach_verb(const std::vector<std::string>& words);
[[nodiscard]] ExitCode run_scan_verb(const std::vector<std::string>& words);
[[nodiscard]] ExitCode run_tasks_verb(const std::vector<std::string>& words);
[[nodiscard]] ExitCode run_list_verb(const std::vector<std::string>& words);
[[nodiscard]] ExitCode run_doctor_verb(const std::vector<std::string>& words);
[[nodiscard]] ExitCode run_config_verb(const std::vector<std::string>& words);
[[nodiscard]] ExitCode run_serve_verb(const std::vector<std::string>& words);

// By its name or a beginning that no other verb has. Errors: usage, with the nearest verb.
[[nodiscard]] Result<Verb> find_verb(std::span<const Verb> verbs, std::string_view word);

// The whole program except main()'s last resort. `words` without the name of the program.
[[nodiscard]] ExitCode run_program(std::span<const Verb> verbs, const std::vector<std::string>& words);

// "corotrace: WHAT" on standard error, for usage with where to read more.
ExitCode print_usage_error(const Error& error, std::string_view help_command);
// The same for what went wrong later; returns the exit code of `error`.
ExitCode print_error(const Error& error);

}  // namespace corotrace::cli
