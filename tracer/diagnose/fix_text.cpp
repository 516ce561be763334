// SPDX-License-Identifier: MIT
#include "tracer/diagnose/fix_text.hpp"

#include <algorithm>
#include <vector>

namespace corotrace {

namespace {

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (static_cast<unsigned char>(c) & 0x80U) != 0;
}

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

// True for each byte of the line that is code: not in a string, not in a comment. An f-string counts as code:
// its braces hold some, and a call is looked for by name.
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

// Behind the bracket that closes the one at `open`; nothing if the line ends before.
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

// Where the expression begins whose last name begins at `at`: over "a.b.", "f(x).", "d[0].".
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

std::string last_name(const std::string& callee) {
    const auto dot = callee.find_last_of('.');
    return dot == std::string::npos ? callee : callee.substr(dot + 1);
}

// By its name, where there are no columns.
std::optional<TextSpan> search_call(const CallText& call) {
    const std::string& line = *call.line;
    const std::string name = last_name(call.callee);
    if (name.empty() || name.find_first_of("()") != std::string::npos) return std::nullopt;
    const auto code = mark_code(line);
    std::optional<TextSpan> found;
    for (std::size_t at = line.find(name); at != std::string::npos; at = line.find(name, at + 1)) {
        std::size_t end = at + name.size();
        if (!code[at] || (at > 0 && is_word(line[at - 1])) || (end < line.size() && is_word(line[end]))) {
            continue;
        }
        const std::size_t begin = find_begin(line, at);
        if (call.is_call) {
            if (end >= line.size() || line[end] != '(') continue;
            const auto close = find_close(line, code, end);
            if (!close) return std::nullopt;
            end = *close;
        }
        const std::string_view before = std::string_view(line).substr(0, begin);
        if (before.ends_with("def ") || before.ends_with("await ")) continue;
        if (found) return std::nullopt;
        found = TextSpan{begin, end};
    }
    return found;
}

std::string strip(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return std::string(text);
}

// A comment behind the statement is not part of the repair.
std::string statement_of(std::string_view line) {
    const auto code = mark_code(line);
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '#' && !code[i] &&
            std::find(code.begin() + static_cast<std::ptrdiff_t>(i), code.end(), true) == code.end()) {
            // A '#' inside a last string is followed by its quote, which is no code either.
            const auto rest = line.substr(i);
            if (rest.find_first_of("\"'") == std::string_view::npos) return strip(line.substr(0, i));
        }
    }
    return strip(line);
}

// Whether the text goes on with attributes and items only, as ".data[0]" and no ".read()" does.
bool takes_part(std::string_view text) {
    const auto code = mark_code(text);
    std::size_t i = 0;
    while (i < text.size() && (text[i] == '.' || text[i] == '[')) {
        const auto close = text[i] == '[' ? find_close(text, code, i) : i + 1;
        if (!close) return false;
        for (i = *close; i < text.size() && is_word(text[i]);) ++i;
    }
    return i > 0 && (i == text.size() || text[i] != '(');
}

// The statement with its call replaced, or the replacement alone.
std::string replace_call(const CallText& call, const std::string& replacement) {
    const auto span = find_call(call);
    if (!span || !call.is_statement) return replacement;
    const std::string_view line = *call.line;
    std::string_view before = line.substr(0, span->begin);
    const std::string_view after = line.substr(span->end);
    // `await f()["x"]` awaits the item: that await belongs to the call.
    constexpr std::string_view kAwait = "await ";
    if (before.ends_with(kAwait) && takes_part(after)) before.remove_suffix(kAwait.size());
    return statement_of(std::string(before) + replacement + std::string(after));
}

// `await f().x` would await the attribute.
std::string awaited(const CallText& call) {
    std::string text = "await " + call_expression(call);
    const auto span = find_call(call);
    if (!span || span->end >= call.line->size()) return text;
    const std::string_view after = std::string_view(*call.line).substr(span->end);
    const bool binds_tighter = after.starts_with('.') || after.starts_with('[') || after.starts_with('(') ||
                               after.starts_with("**") || after.starts_with(" **");
    return binds_tighter ? "(" + text + ")" : text;
}

bool is_whole_statement(const CallText& call) {
    const auto span = find_call(call);
    return span && call.is_statement &&
           statement_of(*call.line) ==
               strip(std::string_view(*call.line).substr(span->begin, span->end - span->begin));
}

bool has_name(const std::string& function) {
    return !function.empty() && function.front() != '<';
}

// Without the user's own text of the call its arguments are not known.
Remedy paste(const CallText& call, const std::string& code) {
    return find_call(call) ? Remedy{.fix = code} : Remedy{.advice = "write: " + code};
}

}  // namespace

std::optional<TextSpan> find_call(const CallText& call) {
    if (!call.line) return std::nullopt;
    const Position& at = call.position;
    if (!at.col || !at.end_col) return search_call(call);
    const bool one_line = at.line && at.end_line && *at.line == *at.end_line;
    if (!one_line || *at.col < 0 || *at.end_col <= *at.col) return std::nullopt;
    const auto end = static_cast<std::size_t>(*at.end_col);
    if (end > call.line->size()) return std::nullopt;
    return TextSpan{static_cast<std::size_t>(*at.col), end};
}

std::string call_expression(const CallText& call) {
    if (const auto span = find_call(call)) return call.line->substr(span->begin, span->end - span->begin);
    return call.callee + (call.is_call ? "(...)" : "");
}

Remedy remedy_by_await(const CallText& call, const HolderText& holder) {
    const std::string repaired = replace_call(call, awaited(call));
    if (holder.may_await) return paste(call, repaired);
    const std::string make_async = has_name(holder.function)
                                       ? "make " + holder.function + "() async and write: " + repaired
                                       : "await it in an async function: " + repaired;
    if (holder.loop_running) {
        if (!is_whole_statement(call)) return {.advice = make_async};
        Remedy remedy = remedy_by_task(call, holder);
        remedy.advice += ", or " + make_async;
        return remedy;
    }
    Remedy remedy = paste(call, replace_call(call, "asyncio.run(" + call_expression(call) + ")"));
    if (has_name(holder.function)) remedy.advice += (remedy.advice.empty() ? "" : ", or ") + make_async;
    return remedy;
}

Remedy remedy_by_task(const CallText& call, const HolderText& holder) {
    const std::string expression = call_expression(call);
    if (!holder.loop_running && !holder.may_await) return paste(call, "asyncio.run(" + expression + ")");
    Remedy remedy = paste(call, "task = asyncio.create_task(" + expression + ")");
    remedy.advice += remedy.advice.empty() ? "keep a reference to task" : ", and keep a reference to task";
    return remedy;
}

std::optional<std::string> plain_definition(std::string_view line) {
    constexpr std::string_view kAsync = "async ";
    const std::string definition = statement_of(line);
    if (!definition.starts_with("async def ")) return std::nullopt;
    return strip(std::string_view(definition).substr(kAsync.size()));
}

}  // namespace corotrace
