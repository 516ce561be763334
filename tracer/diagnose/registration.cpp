// SPDX-License-Identifier: MIT
#include "tracer/diagnose/registration.hpp"

#include <algorithm>
#include <string_view>

namespace corotrace {

namespace {

constexpr std::size_t kMostMentions = 50;

struct FunctionName {
    std::string last;
    bool method = false;  // named behind a dot
};

FunctionName name_of(const CoroutineFacts& coroutine) {
    const std::string whole = coroutine.qualname.value_or(coroutine.name.value_or(""));
    const auto dot = whole.rfind('.');
    if (dot == std::string::npos) return {.last = whole};
    return {.last = whole.substr(dot + 1), .method = !whole.substr(0, dot).ends_with("<locals>")};
}

std::string_view after_blanks(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

// The name as a value that is passed on: an argument, an item, what is assigned.
std::optional<TextSpan> find_passed(const std::string& line, const FunctionName& function) {
    const std::string_view start = after_blanks(line);
    if (start.starts_with("import ") || start.starts_with("from ")) return std::nullopt;
    const auto span = find_named(line, function.last, false);
    if (!span) return std::nullopt;
    const std::string_view text = line;
    const std::string_view named = text.substr(span->begin, span->end - span->begin);
    if (function.method != (named.find('.') != std::string_view::npos)) return std::nullopt;
    const std::string_view after = after_blanks(text.substr(span->end));
    if (!after.empty() && std::string_view(",)]}#").find(after.front()) == std::string_view::npos)
        return std::nullopt;
    const std::string_view before = text.substr(0, span->begin);
    const auto last = before.find_last_not_of(" \t");
    if (last == std::string_view::npos) return span;  // an argument on a line of its own
    return std::string_view("(,=[{:").find(before[last]) == std::string_view::npos ? std::nullopt : span;
}

}  // namespace

Frame frame_of_line(const SourceLines& sources, const std::string& file, int line) {
    Frame frame;
    frame.file = file;
    frame.line = line;
    frame.source = sources.find_line(file, line);
    frame.function = "<module>";
    if (const auto definition = sources.find_definition_around(file, line)) {
        const auto name = definition->find("def ") + std::string_view("def ").size();
        frame.function = definition->substr(name, definition->find_first_of(" (", name) - name);
    }
    frame.name = frame.function;
    return frame;
}

std::optional<Frame> find_definition(const CoroutineFacts& coroutine, const SourceLines& sources) {
    constexpr int kMostDecorators = 9;
    if (!coroutine.file || !coroutine.line) return std::nullopt;
    for (int at = *coroutine.line; at <= *coroutine.line + kMostDecorators; ++at) {
        const auto line = sources.find_line(*coroutine.file, at);
        if (!line || !after_blanks(*line).starts_with("async def ")) continue;
        Frame frame = frame_of_line(sources, *coroutine.file, at);
        frame.function = coroutine.qualname.value_or(coroutine.name.value_or(""));
        frame.name = coroutine.name.value_or("");
        return frame;
    }
    return std::nullopt;
}

std::optional<Registration> find_registration(const CoroutineFacts& coroutine,
                                              const std::vector<std::string>& files,
                                              const SourceLines& sources) {
    if (coroutine.file && coroutine.line) {
        const auto first = sources.find_line(*coroutine.file, *coroutine.line);
        if (first && after_blanks(*first).starts_with('@')) {
            Frame place = frame_of_line(sources, *coroutine.file, *coroutine.line);
            place.function = coroutine.qualname.value_or(place.function);
            return Registration{.place = std::move(place), .passed = {}};
        }
    }
    const FunctionName function = name_of(coroutine);
    if (function.last.empty() || function.last.front() == '<') return std::nullopt;
    std::optional<Registration> only;
    for (const std::string& file : files) {
        const auto lines = sources.find_lines_with(file, function.last, kMostMentions);
        if (lines.size() == kMostMentions) return std::nullopt;
        for (const int at : lines) {
            const auto line = sources.find_line(file, at);
            const auto passed = line ? find_passed(*line, function) : std::nullopt;
            if (!passed) continue;
            if (only) return std::nullopt;
            only = Registration{.place = frame_of_line(sources, file, at), .passed = passed};
        }
    }
    return only;
}

}  // namespace corotrace
