// SPDX-License-Identifier: MIT
// What scan and tasks are told of a core file: --core CORE, --root DIR and the program's file.
#pragma once

#include <optional>

#include "tracer/cli/arguments.hpp"
#include "tracer/session/scan.hpp"

namespace corotrace::cli {

// Nothing where no core is given. Errors: usage.
[[nodiscard]] Result<std::optional<CoreOptions>> find_core(const Arguments& arguments,
                                                           const Environment& environment);

}  // namespace corotrace::cli
