// SPDX-License-Identifier: MIT
// The options of what is watched of a process and what that may cost, the same for every verb that watches.
#pragma once

#include "tracer/cli/arguments.hpp"
#include "tracer/session/attach_options.hpp"

namespace corotrace::cli {

// --include, --exclude, --own, --origin, --max-pause-share. Errors: usage.
[[nodiscard]] Status read_watch_options(const Arguments& arguments, AttachOptions& watch);

}  // namespace corotrace::cli
