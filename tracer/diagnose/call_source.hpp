// SPDX-License-Identifier: MIT
// The source of a call, as a fix is made of it. Pure.
#pragma once

#include <string>

#include "cpython_layouts/line_table.hpp"
#include "tracer/diagnose/fix_text.hpp"
#include "tracer/diagnose/source_lines.hpp"

namespace corotrace {

// The call's line; if its statement has several, these are put on one, without their comments. Not if there
// are empty ones or strings of several lines among them, or too much text. Of `call` the positions, the name
// and the kind are given.
[[nodiscard]] CallText read_call(const SourceLines& sources, const std::string& file, CallText call);

}  // namespace corotrace
