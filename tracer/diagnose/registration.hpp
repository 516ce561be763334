// SPDX-License-Identifier: MIT
// Where a program hands one of its async functions to what calls it. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tracer/diagnose/code_text.hpp"
#include "tracer/diagnose/source_lines.hpp"
#include "tracer/findings/finding.hpp"

namespace corotrace {

struct Registration {
    Frame place;                     // with its source
    std::optional<TextSpan> passed;  // the function, as an argument or what is assigned; null: a decorator
};

// The decorator above the function, or else the one line in `files` that names it without calling it. Null:
// there is none, or several.
[[nodiscard]] std::optional<Registration> find_registration(const CoroutineFacts& coroutine,
                                                            const std::vector<std::string>& files,
                                                            const SourceLines& sources);

// The line at which the function is defined. Null: its source could not be read.
[[nodiscard]] std::optional<Frame> find_definition(const CoroutineFacts& coroutine,
                                                   const SourceLines& sources);

// A frame for a line that is known from its text only.
[[nodiscard]] Frame frame_of_line(const SourceLines& sources, const std::string& file, int line);

}  // namespace corotrace
