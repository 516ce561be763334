// SPDX-License-Identifier: MIT
#include "tracer/diagnose/source_lines.hpp"

#include <algorithm>
#include <utility>

namespace corotrace {

namespace {

constexpr std::size_t kMaxLineBytes = 400;

}  // namespace

SourceText::SourceText(std::string text) : text_(std::move(text)) {
    for (std::size_t start = 0; start < text_.size();) {
        starts_.push_back(start);
        start = std::min(text_.find('\n', start), text_.size()) + 1;
    }
}

std::optional<std::string> SourceText::find_line(int line) const {
    if (line < 1 || static_cast<std::size_t>(line) > starts_.size()) return std::nullopt;
    const std::size_t start = starts_[static_cast<std::size_t>(line) - 1];
    const auto end = std::min(text_.find('\n', start), text_.size());
    std::string found = text_.substr(start, end - start);
    found.resize(found.find_last_not_of(" \t\r\n\f") + 1);
    if (found.empty() || found.size() > kMaxLineBytes) return std::nullopt;
    return found;
}

bool can_be_file(const std::string& name) {
    return !name.empty() && !name.starts_with('<') && name.find('\0') == std::string::npos;
}

void SourceLines::add(const std::string& file, std::shared_ptr<const SourceText> text) {
    files_[file] = std::move(text);
}

std::optional<std::string> SourceLines::find_line(const std::string& file, int line) const {
    const auto found = files_.find(file);
    if (found == files_.end() || found->second == nullptr) return std::nullopt;
    return found->second->find_line(line);
}

}  // namespace corotrace
