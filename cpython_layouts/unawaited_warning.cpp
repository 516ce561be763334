// SPDX-License-Identifier: MIT
#include "cpython_layouts/unawaited_warning.hpp"

#include <charconv>
#include <utility>

namespace corotrace {

namespace {

constexpr std::string_view kEnd = "' was never awaited";

bool take(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

UnawaitedKind take_kind(std::string_view& text) {
    constexpr std::pair<std::string_view, UnawaitedKind> kMethods[] = {
        {"method 'asend' of '", UnawaitedKind::kAsend},
        {"method 'athrow' of '", UnawaitedKind::kAthrow},
        {"method 'aclose' of '", UnawaitedKind::kAclose},
    };
    for (const auto& [prefix, kind] : kMethods) {
        if (take(text, prefix)) return kind;
    }
    return UnawaitedKind::kCoroutine;
}

// `  File "app.py", line 7, in main`, as traceback.format_list() writes it.
std::optional<CreationLine> parse_line(std::string_view text) {
    if (!take(text, "  File \"")) return std::nullopt;
    constexpr std::string_view kLine = "\", line ";
    const auto file_end = text.rfind(kLine);
    if (file_end == std::string_view::npos) return std::nullopt;
    CreationLine line{.file = std::string(text.substr(0, file_end)), .line = 0, .function = {}};
    text.remove_prefix(file_end + kLine.size());
    const auto number = std::from_chars(text.data(), text.data() + text.size(), line.line);
    if (number.ec != std::errc{} || line.line < 1) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(number.ptr - text.data()));
    if (!take(text, ", in ")) return std::nullopt;
    line.function = text;
    return line;
}

}  // namespace

std::optional<UnawaitedWarning> parse_unawaited_warning(std::string_view text) {
    if (!take(text, "coroutine ")) return std::nullopt;
    UnawaitedWarning warning;
    warning.kind = take_kind(text);
    if (warning.kind == UnawaitedKind::kCoroutine && !take(text, "'")) return std::nullopt;
    const auto end = text.find(kEnd);
    if (end == std::string_view::npos) return std::nullopt;
    warning.qualname = text.substr(0, end);
    text.remove_prefix(end + kEnd.size());
    if (text.empty()) return warning;
    if (!take(text, "\nCoroutine created at (most recent call last)\n")) return std::nullopt;
    while (!text.empty()) {
        const auto line_end = text.find('\n');
        // Lines of source and "[Previous line repeated ...]" stand between.
        if (auto line = parse_line(text.substr(0, line_end))) warning.created.push_back(*std::move(line));
        text.remove_prefix(line_end == std::string_view::npos ? text.size() : line_end + 1);
    }
    return warning;
}

}  // namespace corotrace
