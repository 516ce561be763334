// SPDX-License-Identifier: MIT
// Frames as Python prints them in a traceback: file, line and function, the source line, and carets under
// the part that was running where the columns are known and are not the whole line.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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

// Frames that follow each other and are shown or folded together.
struct FrameRun {
    std::span<const Frame> frames;
    bool folded = false;
};
[[nodiscard]] std::vector<FrameRun> split_runs(std::span<const Frame> frames, const OwnCode& own);
// "14 frames of uvicorn, starlette": each library once, outermost first.
[[nodiscard]] std::string describe_fold(std::span<const Frame> frames);

// How many of `frames`, from its first on, are at the place of the first: what recursion makes.
[[nodiscard]] std::size_t count_repeated(std::span<const Frame> frames);
// So many of them are shown, as Python does.
inline constexpr std::size_t kMostRepeated = 3;

// The bytes of frame.source that ran, within strip(frame.source): from, and behind the last. Null where
// the columns are unknown or are the whole line.
struct MarkedPart {
    std::size_t from = 0;
    std::size_t to = 0;
};
[[nodiscard]] std::optional<MarkedPart> find_marked_part(const Frame& frame);

// A line of source without the white space around it.
[[nodiscard]] std::string_view strip(std::string_view line);

// Innermost first, numbered, as debuggers print them.
[[nodiscard]] std::string format_native_frames(std::span<const NativeFrame> frames);

}  // namespace corotrace
