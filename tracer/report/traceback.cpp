// SPDX-License-Identifier: MIT
#include "tracer/report/traceback.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "symbols/escape.hpp"
#include "tracer/report/phrases.hpp"

namespace corotrace {
namespace {

// The carets for a frame, indented to stand under its stripped source; "" where Python prints none.
std::string make_carets(const Frame& frame, std::string_view stripped) {
    const auto marked = find_marked_part(frame);
    if (!marked) return "";
    const auto width = [&](std::size_t from, std::size_t to) {
        return display_width(printable_source(stripped.substr(from, to - from)));
    };
    return std::string(width(0, marked->from), ' ') + std::string(width(marked->from, marked->to), '^');
}

std::string format_frame(const Frame& frame, const Paint& paint) {
    const std::string line = frame.line ? std::to_string(*frame.line) : "?";
    std::string out = fmt::format("  File \"{}\", line {}, in {}\n", printable(frame.file), line,
                                  printable(frame.name.empty() ? frame.function : frame.name));
    if (!frame.source) return out;
    const std::string_view stripped = strip(*frame.source);
    if (stripped.empty()) return out;
    out += "    " + printable_source(stripped) + "\n";
    const std::string carets = make_carets(frame, stripped);
    if (!carets.empty()) {
        const std::size_t first = carets.find('^');
        out += "    " + carets.substr(0, first) + paint(Style::kCaret, carets.substr(first)) + "\n";
    }
    return out;
}

bool is_same_place(const Frame& a, const Frame& b) {
    return a.file == b.file && a.line == b.line && a.name == b.name;
}

}  // namespace

// The columns are the target's word and are cut to the line.
std::optional<MarkedPart> find_marked_part(const Frame& frame) {
    if (!frame.source || !frame.line || !frame.end_line || !frame.col || !frame.end_col || *frame.col < 0)
        return std::nullopt;
    const std::string_view stripped = strip(*frame.source);
    if (stripped.empty()) return std::nullopt;
    const auto indent = static_cast<std::size_t>(stripped.data() - frame.source->data());
    const std::size_t last = indent + stripped.size();
    const std::size_t from = std::clamp(static_cast<std::size_t>(*frame.col), indent, last);
    std::size_t to = last;  // what runs on into further lines is marked up to the end of the first
    if (*frame.end_line == *frame.line)
        to = std::clamp(static_cast<std::size_t>(std::max(*frame.end_col, 0)), indent, last);
    if (from >= to || to - from == stripped.size()) return std::nullopt;
    return MarkedPart{from - indent, to - indent};
}

std::size_t count_repeated(std::span<const Frame> frames) {
    std::size_t repeated = 1;
    while (repeated < frames.size() && is_same_place(frames[0], frames[repeated])) ++repeated;
    return repeated;
}

std::string describe_fold(std::span<const Frame> frames) {
    constexpr std::size_t kMostNames = 6;
    std::vector<std::string> names;
    for (const Frame& frame : frames) {
        std::string name = library_of(frame.file).value_or("");
        if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
    }
    std::string list;
    for (std::size_t i = 0; i < std::min(names.size(), kMostNames); ++i)
        list += (list.empty() ? "" : ", ") + printable(names[i]);
    if (names.size() > kMostNames) list += ", ...";
    return fmt::format("{} of {}", describe_count(frames.size(), "frame"), list);
}

std::string_view strip(std::string_view line) {
    constexpr std::string_view kSpace = " \t\r\n\f\v";
    const std::size_t first = line.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return {};
    return line.substr(first, line.find_last_not_of(kSpace) - first + 1);
}

std::string format_frames(std::span<const Frame> frames, const Paint& paint) {
    std::string out;
    for (std::size_t at = 0; at < frames.size();) {
        const std::size_t repeated = count_repeated(frames.subspan(at));
        for (std::size_t i = 0; i < std::min(repeated, kMostRepeated); ++i)
            out += format_frame(frames[at + i], paint);
        if (repeated > kMostRepeated) {
            const std::size_t more = repeated - kMostRepeated;
            out += fmt::format("  [Previous line repeated {} more time{}]\n", more, more > 1 ? "s" : "");
        }
        at += repeated;
    }
    return out;
}

std::vector<FrameRun> split_runs(std::span<const Frame> frames, const OwnCode& own) {
    const auto is_own = [&](const Frame& frame) { return own.is_own(frame.file); };
    const bool has_own = std::ranges::any_of(frames, is_own);
    const std::size_t foldable = has_own || frames.empty() ? frames.size() : frames.size() - 1;
    std::vector<FrameRun> runs;
    std::size_t at = 0;
    while (at < foldable) {
        std::size_t end = at;
        const bool folds = !is_own(frames[at]);
        while (end < foldable && is_own(frames[end]) != folds) ++end;
        runs.push_back({frames.subspan(at, end - at), folds});
        at = end;
    }
    if (foldable < frames.size()) runs.push_back({frames.subspan(foldable), false});
    return runs;
}

std::string format_folded_frames(std::span<const Frame> frames, const OwnCode& own, const Paint& paint) {
    std::string out;
    for (const FrameRun& run : split_runs(frames, own))
        out += run.folded ? "  ... " + describe_fold(run.frames) + "\n" : format_frames(run.frames, paint);
    return out;
}

std::string format_native_frames(std::span<const NativeFrame> frames) {
    std::string out;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const NativeFrame& frame = frames[i];
        out += fmt::format("  #{:<3} {:#018x}", i, frame.address);
        if (frame.function) out += " in " + printable(*frame.function);
        if (frame.function && frame.offset) out += fmt::format("+{:#x}", *frame.offset);
        if (frame.file && frame.line) out += fmt::format(" at {}:{}", printable(*frame.file), *frame.line);
        if (frame.module) out += " from " + printable(*frame.module);
        out += "\n";
    }
    return out;
}

}  // namespace corotrace
