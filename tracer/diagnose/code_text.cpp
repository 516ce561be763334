// SPDX-License-Identifier: MIT
#include "tracer/diagnose/code_text.hpp"

#include <algorithm>

namespace corotrace {

namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

// Where the brackets that close before `i` open, or 0.
std::size_t skip_brackets(std::string_view line, std::size_t i) {
    for (int depth = 0; i > 0;) {
        const char c = line[--i];
        if (c == ')' || c == ']') ++depth;
        if (c == '(' || c == '[') --depth;
        if (depth == 0) break;
    }
    return i;
}

}  // namespace

std::string last_part(const std::string& dotted) {
    return dotted.substr(dotted.rfind('.') + 1);
}

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (static_cast<unsigned char>(c) & 0x80U) != 0;
}

std::vector<bool> mark_code(std::string_view line) {
    std::vector<bool> code(line.size(), true);
    char quote = '\0';
    bool plain = true;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quote != '\0') {
            code[i] = !plain;
            if (c == '\\') {
                if (i + 1 < line.size()) code[++i] = !plain;
            } else if (c == quote) {
                quote = '\0';
            }
        } else if (c == '"' || c == '\'') {
            quote = c;
            plain = i == 0 || (line[i - 1] != 'f' && line[i - 1] != 'F');
            code[i] = false;
        } else if (c == '#') {
            std::fill(code.begin() + static_cast<std::ptrdiff_t>(i), code.end(), false);
            break;
        }
    }
    return code;
}

std::optional<std::size_t> find_close(std::string_view line, const std::vector<bool>& code,
                                      std::size_t open) {
    int depth = 0;
    for (std::size_t i = open; i < line.size(); ++i) {
        if (!code[i]) continue;
        const char c = line[i];
        if (c == '(' || c == '[' || c == '{') ++depth;
        if (c == ')' || c == ']' || c == '}') --depth;
        if (depth == 0) return i + 1;
    }
    return std::nullopt;
}

std::optional<std::size_t> find_open(std::string_view line, const std::vector<bool>& code, std::size_t at) {
    int depth = 0;
    for (std::size_t i = std::min(at, line.size()); i-- > 0;) {
        if (!code[i]) continue;
        const char c = line[i];
        if (c == ')' || c == ']' || c == '}') ++depth;
        if (c != '(' && c != '[' && c != '{') continue;
        if (depth == 0) return i;
        --depth;
    }
    return std::nullopt;
}

std::size_t find_begin(std::string_view line, std::size_t at) {
    while (at > 1 && line[at - 1] == '.') {
        std::size_t i = at - 1;
        while (i > 0 && (line[i - 1] == ')' || line[i - 1] == ']')) i = skip_brackets(line, i);
        while (i > 0 && is_word(line[i - 1])) --i;
        if (i == at - 1) break;
        at = i;
    }
    return at;
}

std::vector<TextSpan> list_named(std::string_view line, std::string_view name, bool called) {
    if (name.empty() || name.find_first_of("()") != std::string_view::npos) return {};
    const auto code = mark_code(line);
    std::vector<TextSpan> found;
    for (std::size_t at = line.find(name); at != std::string_view::npos; at = line.find(name, at + 1)) {
        std::size_t end = at + name.size();
        if (!code[at] || (at > 0 && is_word(line[at - 1])) || (end < line.size() && is_word(line[end]))) {
            continue;
        }
        const std::size_t begin = find_begin(line, at);
        if (called) {
            if (end >= line.size() || line[end] != '(') continue;
            const auto close = find_close(line, code, end);
            if (!close) return {};
            end = *close;
        }
        const std::string_view before = line.substr(0, begin);
        // `await f().x` awaits the attribute.
        const bool goes_on =
            called && end < line.size() && std::string_view(".[(").find(line[end]) != std::string_view::npos;
        if (before.ends_with("def ") || (before.ends_with("await ") && !goes_on)) continue;
        found.push_back({begin, end});
    }
    return found;
}

std::optional<TextSpan> find_named(std::string_view line, std::string_view name, bool called) {
    const auto found = list_named(line, name, called);
    return found.size() == 1 ? std::optional(found.front()) : std::nullopt;
}

std::string strip_blanks(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return std::string(text);
}

std::string statement_of(std::string_view line) {
    const auto code = mark_code(line);
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '#' && !code[i] &&
            std::find(code.begin() + static_cast<std::ptrdiff_t>(i), code.end(), true) == code.end()) {
            // A '#' inside a last string is followed by its quote, which is no code either.
            const auto rest = line.substr(i);
            if (rest.find_first_of("\"'") == std::string_view::npos) return strip_blanks(line.substr(0, i));
        }
    }
    return strip_blanks(line);
}

}  // namespace corotrace
