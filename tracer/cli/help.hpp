// SPDX-License-Identifier: MIT
// The texts of --help, written by hand for people; a test holds them, the man page and the completions
// against the options that are parsed.
#pragma once

#include <string_view>

namespace corotrace::cli {

[[nodiscard]] std::string_view main_help();
[[nodiscard]] std::string_view attach_help();
[[nodiscard]] std::string_view top_help();
[[nodiscard]] std::string_view run_help();
[[nodiscard]] std::string_view detach_help();
[[nodiscard]] std::string_view scan_help();
[[nodiscard]] std::string_view tasks_help();
[[nodiscard]] std::string_view merge_help();
[[nodiscard]] std::string_view list_help();
[[nodiscard]] std::string_view doctor_help();
[[nodiscard]] std::string_view serve_help();
[[nodiscard]] std::string_view config_help();

}  // namespace corotrace::cli
