// SPDX-License-Identifier: MIT
#include "tracer/report/site_place.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include "tracer/report/traceback.hpp"

namespace corotrace {
namespace {

bool is_under(const Frame& frame, std::string_view root) {
    return is_source_file(frame.file) && make_source_path(frame.file, root).relative;
}

std::optional<Frame> blamed_frame(const Finding& finding) {
    if (!finding.blamed || !finding.blamed->file) return std::nullopt;
    Frame frame;
    frame.function = finding.blamed->module;
    frame.file = *finding.blamed->file;
    frame.line = finding.blamed->line;
    frame.source = finding.blamed->source;
    return frame;
}

std::optional<Frame> definition_frame(const Finding& finding) {
    if (!finding.coroutine.file) return std::nullopt;
    Frame frame;
    frame.function = finding.coroutine.qualname.value_or(finding.coroutine.name.value_or(""));
    frame.file = *finding.coroutine.file;
    frame.line = finding.coroutine.line;
    return frame;
}

// The best first; of each list the innermost frame is last.
std::vector<std::vector<Frame>> list_candidates(const Finding& finding) {
    std::vector<std::vector<Frame>> lists;
    if (finding.mistake && finding.mistake->place) lists.push_back({*finding.mistake->place});
    if (finding.lost_task && finding.lost_task->raised) lists.push_back(*finding.lost_task->raised);
    if (finding.lost_task && finding.lost_task->awaiting) lists.push_back(*finding.lost_task->awaiting);
    lists.push_back(finding.created.frames);
    if (finding.dropped.ended) lists.push_back({*finding.dropped.ended});
    if (finding.dropped.frames) lists.push_back(*finding.dropped.frames);
    if (const auto blamed = blamed_frame(finding)) lists.push_back({*blamed});
    if (const auto definition = definition_frame(finding)) lists.push_back({*definition});
    return lists;
}

}  // namespace

bool is_source_file(std::string_view file) {
    return !file.empty() && file.front() != '<';
}

SourcePath make_source_path(const std::string& file, std::string_view root) {
    while (!root.empty() && root.back() == '/') root.remove_suffix(1);
    if (!file.empty() && file.front() != '/') return {file, is_source_file(file)};
    if (!root.empty() && file.size() > root.size() + 1 && file.compare(0, root.size(), root) == 0 &&
        file[root.size()] == '/')
        return {file.substr(root.size() + 1), true};
    return {file, false};
}

std::optional<Frame> find_place(const Finding& finding, std::string_view root) {
    std::optional<Frame> other;
    for (const std::vector<Frame>& frames : list_candidates(finding)) {
        const auto inside = std::find_if(frames.rbegin(), frames.rend(),
                                         [&](const Frame& frame) { return is_under(frame, root); });
        if (inside != frames.rend()) return *inside;
        const auto file = std::find_if(frames.rbegin(), frames.rend(),
                                       [](const Frame& frame) { return is_source_file(frame.file); });
        if (!other && file != frames.rend()) other = *file;
    }
    return other;
}

std::size_t count_utf16(std::string_view text) {
    std::size_t units = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x80 && byte < 0xC0) continue;  // the inner bytes of a character
        units += byte >= 0xF0 ? 2 : 1;
    }
    return units;
}

std::optional<Utf16Columns> find_columns(const Frame& frame) {
    if (!frame.source || !frame.col || !frame.end_col || !frame.line || frame.line != frame.end_line)
        return std::nullopt;
    const std::string_view source = *frame.source;
    if (*frame.col < 0 || *frame.end_col < *frame.col) return std::nullopt;
    const auto begin = static_cast<std::size_t>(*frame.col);
    const auto end = static_cast<std::size_t>(*frame.end_col);
    if (end > source.size()) return std::nullopt;
    return Utf16Columns{count_utf16(source.substr(0, begin)) + 1, count_utf16(source.substr(0, end)) + 1};
}

std::optional<std::size_t> find_missing_await(const Finding& finding, const Frame& frame) {
    constexpr std::string_view kAwait = "await ";
    if (!finding.mistake || !finding.mistake->fix || !frame.source) return std::nullopt;
    const std::string_view line = *frame.source;
    const std::string_view code = strip(line);
    const std::string_view fix = *finding.mistake->fix;
    const std::size_t indent = line.find(code);
    if (code.empty() || fix.size() != code.size() + kAwait.size()) return std::nullopt;
    for (std::size_t at = fix.find(kAwait); at != std::string_view::npos; at = fix.find(kAwait, at + 1)) {
        if (fix.substr(0, at) == code.substr(0, at) && fix.substr(at + kAwait.size()) == code.substr(at))
            return indent + at;
    }
    return std::nullopt;
}

}  // namespace corotrace
