// SPDX-License-Identifier: MIT
// Where in the source a finding is shown by formats that name one place: the line to change, under the source
// root if any line of it is there. Columns as machines count them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tracer/findings/finding.hpp"

namespace corotrace {

// A file under `root` ("/src/app") without it; any other as it is. Second: whether it is relative now.
struct SourcePath {
    std::string path;
    bool relative = false;
};
[[nodiscard]] SourcePath make_source_path(const std::string& file, std::string_view root);

// Whether it names a file at all: "<string>" and "<frozen importlib>" do not.
[[nodiscard]] bool is_source_file(std::string_view file);

// The line that the mistake names, that where the coroutine was made, or, if that is unknown, dropped; of a
// task, where it failed or waits. The innermost one under `root` is preferred. Null: no line is known.
[[nodiscard]] std::optional<Frame> find_place(const Finding& finding, std::string_view root);

// From 1, in UTF-16 code units; the end is behind the last one. Null where source or columns are unknown, or
// do not fit each other, or the range ends on another line.
struct Utf16Columns {
    std::size_t begin = 1;
    std::size_t end = 1;
};
[[nodiscard]] std::optional<Utf16Columns> find_columns(const Frame& frame);

// UTF-16 code units of `text`; a byte that is not UTF-8 counts as one.
[[nodiscard]] std::size_t count_utf16(std::string_view text);

// Where "await " has to be put into the frame's line, a byte column, if the fix of the finding is nothing but
// that line with it.
[[nodiscard]] std::optional<std::size_t> find_missing_await(const Finding& finding, const Frame& frame);

}  // namespace corotrace
