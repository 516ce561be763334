// SPDX-License-Identifier: MIT
// Frames as Python prints them in a traceback: file, line and function, the source line, and carets under
// the part that was running where the columns are known and are not the whole line.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "tracer/findings/finding.hpp"
#include "tracer/findings/own_code.hpp"
#include "tracer/report/terminal.hpp"

namespace corotrace {

// The lines below a heading, each with its end. Without frames: "".
// Source of the form: CPython v3.12.1 Lib/traceback.py, StackSummary.format, which folds repeated frames too.
[[nodiscard]] std::string format_frames(std::span<const Frame> frames, const Paint& paint);

// The same, with those of libraries that follow each other as one line: "  ... 14 frames of uvicorn,
// starlette". If none is the program's own, the innermost one is shown.
[[nodiscard]] std::string format_folded_frames(std::span<const Frame> frames, const OwnCode& own,
                                               const Paint& paint);

// A line of source without the white space around it.
[[nodiscard]] std::string_view strip(std::string_view line);

// Innermost first, numbered, as debuggers print them.
[[nodiscard]] std::string format_native_frames(std::span<const NativeFrame> frames);

}  // namespace corotrace
