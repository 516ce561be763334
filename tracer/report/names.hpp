// SPDX-License-Identifier: MIT
// The stable names of enumerators in machine-readable output, and times as it writes them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "tracer/findings/finding.hpp"
#include "tracer/findings/kind_name.hpp"
#include "tracer/findings/summary.hpp"

namespace corotrace {

[[nodiscard]] std::string_view name_of(WarningState state);
// Unknown has no name.
[[nodiscard]] std::optional<std::string_view> name_of(CreationSource source);
[[nodiscard]] std::optional<std::string_view> name_of(DropCause cause);
[[nodiscard]] std::optional<std::string_view> name_of(CoverageState state);

// "2026-01-31T12:03:55.123456Z": RFC 3339, UTC, always six digits. Out of the range of years: "".
[[nodiscard]] std::string format_time(std::chrono::system_clock::time_point time);

}  // namespace corotrace
