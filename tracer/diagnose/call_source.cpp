// SPDX-License-Identifier: MIT
#include "tracer/diagnose/call_source.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "tracer/diagnose/code_text.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMaxBytes = 400;
constexpr int kMaxLines = 40;

// Of a line without strings of several lines.
std::string_view without_comment(std::string_view line) {
    char quote = '\0';
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (c == '\\') {
            ++i;
        } else if (quote != '\0') {
            if (c == quote) quote = '\0';
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '#') {
            line = line.substr(0, i);
        }
    }
    return line.substr(0, line.find_last_not_of(" \t\f") + 1);
}

bool can_be_joined(std::string_view line) {
    return !line.ends_with('\\') && line.find("'''") == std::string_view::npos &&
           line.find(R"(""")") == std::string_view::npos;
}

class JoinedLines {
public:
    void add(std::string_view line) {
        line = without_comment(line);
        if (line.empty()) return pieces_.push_back({.at = text_.size(), .removed = std::string::npos});
        const auto code = text_.empty() ? 0 : line.find_first_not_of(" \t\f");
        line.remove_prefix(code);
        if (!text_.empty() && needs_space(line)) text_ += ' ';
        pieces_.push_back({.at = text_.size(), .removed = code});
        text_ += line;
    }
    [[nodiscard]] const std::string& text() const { return text_; }
    // Where that column of that line, the first of which is 0, is now.
    [[nodiscard]] std::optional<int> find_column(int line, int column) const {
        if (line < 0 || static_cast<std::size_t>(line) >= pieces_.size() || column < 0) return std::nullopt;
        const Piece& piece = pieces_[static_cast<std::size_t>(line)];
        if (static_cast<std::size_t>(column) < piece.removed) return std::nullopt;
        return static_cast<int>(piece.at + static_cast<std::size_t>(column) - piece.removed);
    }

private:
    struct Piece {
        std::size_t at = 0;
        std::size_t removed = 0;  // of its indentation
    };

    [[nodiscard]] bool needs_space(std::string_view next) const {
        constexpr std::string_view kOpen = "([{.";
        constexpr std::string_view kClose = ")]}.";
        return kOpen.find(text_.back()) == std::string_view::npos &&
               kClose.find(next.front()) == std::string_view::npos;
    }

    std::string text_;
    std::vector<Piece> pieces_;
};

std::optional<JoinedLines> join_lines(const SourceLines& sources, const std::string& file, int first,
                                      int last) {
    if (last - first >= kMaxLines) return std::nullopt;
    JoinedLines joined;
    for (int at = first; at <= last; ++at) {
        const auto line = sources.find_line(file, at);
        if (!line || !can_be_joined(*line)) return std::nullopt;
        joined.add(*line);
        if (joined.text().size() > kMaxBytes) return std::nullopt;
    }
    return joined;
}

// Of what begins in the first of the lines; now all of it is there. False: a column is not to be found.
bool move_columns(const JoinedLines& lines, int first, Position& position) {
    if (!position.end_line || !position.end_col) return true;
    if (position.line != first) return false;
    position.end_col = lines.find_column(*position.end_line - first, *position.end_col);
    position.end_line = first;
    return position.end_col.has_value();
}

}  // namespace

CallText read_call(const SourceLines& sources, const std::string& file, CallText call) {
    const Position position = call.position;
    if (!position.line) return call;
    const int first = *position.line;
    call.line = sources.find_line(file, first);
    call.loop_names = sources.find_loop_names(file, first);
    const auto end = sources.find_statement_end(file, first);
    call.is_statement = end == first;
    if (!end) call.next = strip_blanks(sources.find_line(file, first + 1).value_or(""));
    const int last = end ? *end : position.end_line.value_or(first);
    const auto lines = last > first ? join_lines(sources, file, first, last) : std::nullopt;
    if (!lines) return call;
    CallText joined = call;
    joined.line = lines->text();
    joined.is_statement = end.has_value();
    if (!move_columns(*lines, first, joined.position)) return call;
    std::erase_if(joined.others, [&](Position& other) { return !move_columns(*lines, first, other); });
    if (joined.outer && !move_columns(*lines, first, *joined.outer)) joined.outer.reset();
    return find_call(joined) ? joined : call;
}

}  // namespace corotrace
