// SPDX-License-Identifier: MIT
#include "tracer/diagnose/source_lines.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "tracer/diagnose/code_text.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMaxLineBytes = 400;
constexpr std::size_t kMaxAroundBytes = 200;

// What is open at a place of a source file.
class StatementScan {
public:
    [[nodiscard]] bool is_between() const { return depth_ == 0 && quote_.empty() && !goes_on_; }

    // A line without its end.
    void scan(std::string_view line) {
        goes_on_ = false;
        for (std::size_t i = 0; i < line.size();) {
            if (line[i] == '\\') {
                goes_on_ = line.substr(i + 1).empty();
                i += 2;
            } else if (!quote_.empty()) {
                i = scan_string(line, i);
            } else if (line[i] == '#') {
                break;
            } else {
                i = scan_code(line, i);
            }
        }
        // No string of one quote goes on without a backslash.
        if (quote_.size() == 1 && !goes_on_) quote_ = {};
    }

private:
    std::size_t scan_string(std::string_view line, std::size_t at) {
        if (line.substr(at, quote_.size()) != quote_) return at + 1;
        at += quote_.size();
        quote_ = {};
        return at;
    }

    std::size_t scan_code(std::string_view line, std::size_t at) {
        const std::string_view rest = line.substr(at);
        for (const std::string_view quote : {"'''", R"(""")", "'", "\""}) {
            if (!rest.starts_with(quote)) continue;
            quote_ = quote;
            return at + quote.size();
        }
        const char c = rest.front();
        if (c == '(' || c == '[' || c == '{') ++depth_;
        if ((c == ')' || c == ']' || c == '}') && depth_ > 0) --depth_;
        return at + 1;
    }

    std::size_t depth_ = 0;   // of brackets
    std::string_view quote_;  // that ends the string; empty: in none
    bool goes_on_ = false;    // by a backslash
};

bool is_definition(std::string_view code) {
    return code.starts_with("def ") || code.starts_with("async def ");
}

// "x" and "y" of each "for x, (y, _) in" of the line, but those that are for nothing.
void add_loop_names(std::string_view line, std::vector<std::string>& names) {
    constexpr std::string_view kFor = "for ";
    for (std::size_t at = line.find(kFor); at != std::string_view::npos; at = line.find(kFor, at + 1)) {
        const std::size_t begin = at + kFor.size();
        const std::size_t end = line.find(" in ", begin);
        if (end == std::string_view::npos || (at > 0 && is_word(line[at - 1]))) continue;
        std::string name;
        for (std::size_t i = begin; i <= end; ++i) {
            if (is_word(line[i])) {
                name += line[i];
            } else if (!name.empty()) {
                if (name != "_" && std::ranges::find(names, name) == names.end()) names.push_back(name);
                name.clear();
            }
        }
    }
}

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

std::shared_ptr<const SourceAround> SourceText::find_around(int line, int most) const {
    const int last = static_cast<int>(starts_.size());
    if (line < 1 || line > last) return nullptr;
    auto around = std::make_shared<SourceAround>();
    around->first = std::max(1, line - most);
    for (int at = around->first; at <= std::min<std::int64_t>(last, std::int64_t{line} + most); ++at) {
        std::string text = find_line(at).value_or("");
        around->lines.push_back(text.size() > kMaxAroundBytes ? "" : std::move(text));
    }
    while (around->first + static_cast<int>(around->lines.size()) - 1 > line && around->lines.back().empty())
        around->lines.pop_back();
    return around;
}

std::optional<int> SourceText::find_statement_end(int line) const {
    StatementScan scan;
    int at = 0;
    for (const std::size_t start : starts_) {
        if (++at == line && !scan.is_between()) return std::nullopt;
        const auto end = std::min(text_.find('\n', start), text_.size());
        std::string_view one = std::string_view(text_).substr(start, end - start);
        if (one.ends_with('\r')) one.remove_suffix(1);
        scan.scan(one);
        if (line >= 1 && at >= line && scan.is_between()) return at;
    }
    return std::nullopt;
}

std::vector<int> SourceText::find_lines_with(std::string_view text, std::size_t most) const {
    std::vector<int> lines;
    for (std::size_t at = text_.find(text); at != std::string::npos && lines.size() < most;) {
        const auto after = std::ranges::upper_bound(starts_, at);
        lines.push_back(static_cast<int>(after - starts_.begin()));
        at = after == starts_.end() ? std::string::npos : text_.find(text, *after);
    }
    return lines;
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

std::shared_ptr<const SourceAround> SourceLines::find_around(const std::string& file, int line,
                                                             int most) const {
    const auto found = files_.find(file);
    if (found == files_.end() || found->second == nullptr) return nullptr;
    return found->second->find_around(line, most);
}

std::optional<int> SourceLines::find_statement_end(const std::string& file, int line) const {
    const auto found = files_.find(file);
    if (found == files_.end() || found->second == nullptr) return std::nullopt;
    return found->second->find_statement_end(line);
}

std::vector<int> SourceLines::find_lines_with(const std::string& file, std::string_view text,
                                              std::size_t most) const {
    const auto found = files_.find(file);
    if (found == files_.end() || found->second == nullptr) return {};
    return found->second->find_lines_with(text, most);
}

template <typename Take>
void SourceLines::walk_out(const std::string& file, int line, Take take) const {
    constexpr int kMostLines = 1'000;
    std::optional<std::size_t> indent;
    for (int at = line; at > 0 && line - at < kMostLines; --at) {
        const auto text = find_line(file, at);
        const auto begin = text ? text->find_first_not_of(" \t") : std::string::npos;
        if (begin == std::string::npos) continue;
        const std::string_view code = std::string_view(*text).substr(begin);
        // A bracket that closes what a line before has opened tells nothing of the block.
        if (code.front() == '#' || code.front() == ')' || code.front() == ']' || code.front() == '}')
            continue;
        if (indent && begin >= *indent) continue;
        if (indent && take(code)) return;
        indent = begin;
        if (begin == 0) return;
    }
}

std::optional<std::string> SourceLines::find_definition_around(const std::string& file, int line) const {
    std::optional<std::string> found;
    walk_out(file, line, [&](std::string_view code) {
        if (is_definition(code)) found = code;
        return found.has_value();
    });
    return found;
}

std::vector<std::string> SourceLines::find_loop_names(const std::string& file, int line) const {
    std::vector<std::string> names;
    if (const auto text = find_line(file, line)) add_loop_names(*text, names);
    walk_out(file, line, [&](std::string_view code) {
        if (code.starts_with("for ") || code.starts_with("async for ")) add_loop_names(code, names);
        return is_definition(code);
    });
    return names;
}

}  // namespace corotrace
