// SPDX-License-Identifier: MIT
#include "tracer/diagnose/source_lines.hpp"

#include <algorithm>
#include <utility>

#include "symbols/target_source.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMaxLineBytes = 400;
constexpr std::size_t kMaxFiles = 256;

// Without what ends the line; "" if nothing else is there. The indentation stays: columns count it.
std::string strip_end(const std::string& line) {
    return line.substr(0, line.find_last_not_of(" \t\r\n\f") + 1);
}

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t start = 0; start < text.size();) {
        const auto end = std::min(text.find('\n', start), text.size());
        lines.push_back(strip_end(text.substr(start, end - start)));
        start = end + 1;
    }
    return lines;
}

}  // namespace

SourceLines::SourceLines(Reader read) : read_(std::move(read)) {}
SourceLines::SourceLines(pid_t pid)
    : read_([pid](const std::string& file) { return read_target_source(pid, file); }) {}

const std::vector<std::string>& SourceLines::load(const std::string& file) {
    if (const auto known = files_.find(file); known != files_.end()) return known->second;
    if (files_.size() >= kMaxFiles) files_.clear();
    return files_[file] = split(read_(file).value_or(""));
}

std::optional<std::string> SourceLines::find_line(const std::string& file, int line) {
    // "<string>", "<frozen importlib._bootstrap>": not files.
    if (file.empty() || file.starts_with('<') || file.find('\0') != std::string::npos || line < 1) {
        return std::nullopt;
    }
    const auto& lines = load(file);
    const auto index = static_cast<std::size_t>(line) - 1;
    if (index >= lines.size() || lines[index].empty() || lines[index].size() > kMaxLineBytes) {
        return std::nullopt;
    }
    return lines[index];
}

}  // namespace corotrace
