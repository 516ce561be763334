// SPDX-License-Identifier: MIT
// The values of options: from text to what it means, each with a message of its own for what it does not
// mean. All errors are usage.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "symbols/result.hpp"
#include "tracer/cli/arguments.hpp"
#include "tracer/report/terminal.hpp"
#include "tracer/session/attach_options.hpp"

namespace corotrace::cli {

[[nodiscard]] Result<pid_t> parse_pid(const Given& given);
// The one process that a verb is about: PID or --pid PID.
[[nodiscard]] Result<pid_t> find_one_pid(const Arguments& arguments, std::string_view verb);
// "90", "2.5", "90s", "500ms", "10m", "1h"; above zero, at most ten years.
[[nodiscard]] Result<std::chrono::milliseconds> parse_duration(const Given& given);
[[nodiscard]] Result<std::uint64_t> parse_count(const Given& given);
// From MiB a second to bytes a second: "50", "0.5"; above zero.
[[nodiscard]] Result<std::uint64_t> parse_bandwidth(const Given& given);
// In percent, with or without its sign: "1", "0.5%". Above 0, at most 100; the result is at most 1.
[[nodiscard]] Result<double> parse_share(const Given& given);
[[nodiscard]] Result<ColorMode> parse_color(const Given& given);

[[nodiscard]] Result<HoldMode> parse_hold(const Given& given);

struct Origin {
    OriginMode mode = OriginMode::kAuto;
    int depth = 0;
};
// Each value of an option, none of them empty.
[[nodiscard]] Result<std::vector<std::string>> read_patterns(const Arguments& arguments,
                                                             std::string_view name);

// "auto", "off", or a number of frames from 1 to 100.
[[nodiscard]] Result<Origin> parse_origin(const Given& given);

}  // namespace corotrace::cli
