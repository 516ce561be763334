// SPDX-License-Identifier: MIT
#include "tracer/diagnose/fix_text.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "tracer/diagnose/code_text.hpp"

namespace corotrace {

namespace {

std::string last_name(const std::string& callee) {
    const auto dot = callee.find_last_of('.');
    return dot == std::string::npos ? callee : callee.substr(dot + 1);
}

std::optional<TextSpan> find_at(const CallText& call, const Position& at) {
    const bool one_line = at.line && at.end_line && *at.line == *at.end_line;
    if (!at.col || !at.end_col || !one_line || *at.col < 0 || *at.end_col <= *at.col) return std::nullopt;
    const auto end = static_cast<std::size_t>(*at.end_col);
    if (end > call.line->size()) return std::nullopt;
    return TextSpan{static_cast<std::size_t>(*at.col), end};
}

// The call, and those that are repaired with it. Where there are no columns, by its name; empty: not known.
std::vector<TextSpan> find_calls(const CallText& call) {
    if (!call.line) return {};
    const Position& at = call.position;
    if (!at.col || !at.end_col) {
        auto named = list_named(*call.line, last_name(call.callee), call.is_call);
        return named.size() == 1 || named.size() == call.others.size() + 1 ? std::move(named)
                                                                           : std::vector<TextSpan>();
    }
    const auto first = find_at(call, at);
    if (!first) return {};
    std::vector<TextSpan> found = {*first};
    for (const Position& other : call.others) {
        if (const auto span = find_at(call, other)) found.push_back(*span);
    }
    return found;
}

// What texts and rows have, and what gives no coroutine.
bool is_plain_method(std::string_view name) {
    constexpr std::array<std::string_view, 22> kNames = {
        "strip",           "lstrip",     "rstrip",
        "split",           "splitlines", "lower",
        "upper",           "title",      "replace",
        "decode",          "encode",     "startswith",
        "endswith",        "items",      "keys",
        "values",          "scalars",    "scalar",
        "mappings",        "scalar_one", "scalar_one_or_none",
        "raise_for_status"};
    return is_one_of(name, kNames);
}

// Whether the text goes on with attributes, items and plain methods only, as ".data[0]" and no ".read()"
// does.
bool takes_part(std::string_view text) {
    const auto code = mark_code(text);
    std::size_t i = 0;
    while (i < text.size() && (text[i] == '.' || text[i] == '[')) {
        const bool item = text[i] == '[';
        const auto close = item ? find_close(text, code, i) : i + 1;
        if (!close) return false;
        for (i = *close; i < text.size() && is_word(text[i]);) ++i;
        if (!item && is_plain_method(text.substr(*close, i - *close))) return true;
    }
    return i > 0 && (i == text.size() || text[i] != '(');
}

// What is put before and behind a call.
struct Wrapping {
    std::string_view before;
    std::string_view after;
};
constexpr Wrapping kAwaited = {"await ", ""};
constexpr Wrapping kRun = {"asyncio.run(", ")"};

// `await f().x` would await the attribute.
bool needs_brackets(const Wrapping& wrapping, std::string_view after) {
    return wrapping.after.empty() &&
           (after.starts_with('.') || after.starts_with('[') || after.starts_with('(') ||
            after.starts_with("**") || after.starts_with(" **"));
}

std::string wrap(const CallText& call, const Wrapping& wrapping) {
    std::string text = std::string(wrapping.before) + call_expression(call) + std::string(wrapping.after);
    const auto span = find_call(call);
    std::string_view after = span ? std::string_view(*call.line).substr(span->end) : std::string_view();
    const auto code_after = after.find_first_not_of(" \t");
    if (code_after == std::string_view::npos || after[code_after] == '#') after = call.next;
    const bool brackets = span && needs_brackets(wrapping, after);
    return brackets ? "(" + text + ")" : text;
}

// The call of which the one at `span` is an argument.
std::optional<TextSpan> find_outer(std::string_view line, TextSpan span) {
    const auto code = mark_code(line);
    const auto open = find_open(line, code, span.begin);
    const auto close = open && line[*open] == '(' ? find_close(line, code, *open) : std::nullopt;
    if (!close) return std::nullopt;
    std::size_t name = *open;
    while (name > 0 && is_word(line[name - 1])) --name;
    return name == *open ? std::nullopt : std::optional(TextSpan{find_begin(line, name), *close});
}

// `return await to_thread(f())`: f() is all that has to be awaited.
std::optional<std::string> replace_outer(const CallText& call) {
    const auto span = call.outer ? find_call(call) : std::nullopt;
    if (!span || !call.is_statement) return std::nullopt;
    const std::string_view line = *call.line;
    const auto outer = call.outer->col ? find_at(call, *call.outer) : find_outer(line, *span);
    if (!outer) return std::nullopt;
    if (!line.substr(0, outer->begin).ends_with("await ")) return std::nullopt;
    return statement_of(std::string(line.substr(0, outer->begin)) + call_expression(call) +
                        std::string(line.substr(outer->end)));
}

// The statement with its call, and those beside it, wrapped; or that call alone.
std::string repair(const CallText& call, const Wrapping& wrapping) {
    struct Edit {
        std::size_t at = 0;
        std::size_t removed = 0;
        std::string text;
    };
    const auto spans = find_calls(call);
    if (spans.empty() || !call.is_statement) return wrap(call, wrapping);
    std::string line = *call.line;
    std::vector<Edit> edits;
    for (const TextSpan& span : spans) {
        const std::string_view after = std::string_view(line).substr(span.end);
        const bool brackets = needs_brackets(wrapping, after);
        // `await f()["x"]` awaits the item: that await belongs to the call.
        constexpr std::string_view kAwait = "await ";
        const bool moves =
            std::string_view(line).substr(0, span.begin).ends_with(kAwait) && takes_part(after);
        const std::size_t removed = moves ? kAwait.size() : 0;
        edits.push_back(
            {span.begin - removed, removed, (brackets ? "(" : "") + std::string(wrapping.before)});
        edits.push_back({span.end, 0, std::string(wrapping.after) + (brackets ? ")" : "")});
    }
    std::ranges::sort(edits, std::ranges::greater(), &Edit::at);
    for (const Edit& edit : edits) line.replace(edit.at, edit.removed, edit.text);
    return statement_of(line);
}

// `any(f(x) for x in xs)`, repaired, with a list in the place of the generator expression.
std::optional<std::string> make_list(const CallText& call, const std::string& repaired) {
    const auto span = find_call(call);
    if (!span || !call.is_statement) return std::nullopt;
    const std::string_view line = *call.line;
    const auto code = mark_code(line);
    std::optional<std::size_t> open = find_open(line, code, span->begin);
    std::optional<std::size_t> close;
    for (; open; open = find_open(line, code, *open)) {
        close = find_close(line, code, *open);
        if (!close || line.substr(*open, *close - *open).find(" for ") != std::string_view::npos) break;
    }
    const std::size_t indent = line.find_first_not_of(" \t");
    if (!open || !close || line[*open] != '(' || indent > *open) return std::nullopt;
    const std::size_t begin = *open - indent;
    const auto end = find_close(repaired, mark_code(repaired), begin);
    if (!end) return std::nullopt;
    std::string list = repaired;
    list.insert(*end - 1, "]");
    list.insert(begin + 1, "[");
    return list;
}

bool is_whole_statement(const CallText& call) {
    const auto span = find_call(call);
    return span && call.is_statement &&
           statement_of(*call.line) ==
               strip_blanks(std::string_view(*call.line).substr(span->begin, span->end - span->begin));
}

// One that can be made async: no lambda, and none of those that Python itself calls.
bool can_be_async(const std::string& function) {
    const bool special = function.starts_with("__") && function.ends_with("__") && function != "__call__";
    return !function.empty() && function.front() != '<' && !special;
}

// Without the user's own text of the call its arguments are not known.
Remedy paste(const CallText& call, const std::string& code) {
    return find_call(call) ? Remedy{.fix = code} : Remedy{.advice = "write: " + code};
}

}  // namespace

std::optional<TextSpan> find_call(const CallText& call) {
    const auto found = find_calls(call);
    return found.empty() ? std::nullopt : std::optional(found.front());
}

std::string call_expression(const CallText& call) {
    if (const auto span = find_call(call)) return call.line->substr(span->begin, span->end - span->begin);
    return call.callee + (call.is_call ? "(...)" : "");
}

Remedy remedy_by_await(const CallText& call, const HolderText& holder) {
    const std::string line = call.line ? statement_of(*call.line) : "";
    if (line.starts_with('@')) {
        return {.advice = "make " + last_name(call.callee) +
                          "() a plain function: what decorates is called and not awaited"};
    }
    if (const auto text = holder.may_await ? replace_outer(call) : std::nullopt) return {.fix = *text};
    const std::string repaired = repair(call, kAwaited);
    if (holder.may_await) return paste(call, repaired);
    // An async function cannot `yield from`.
    const bool alone = line.find("yield from ") != std::string::npos;
    const bool lambda = holder.function == "<lambda>";
    // With await inside it is an async generator, which sum() and the like do not take.
    if (holder.function == "<genexpr>") {
        const auto list = make_list(call, repaired);
        return {.advice = "await each in a list, in an async function" + (list ? ": " + *list : "")};
    }
    const std::string make_async =
        can_be_async(holder.function) && !alone
            ? "make " + holder.function + "() async and write: " + repaired
            : "await it in an async function: " + (alone || lambda ? wrap(call, kAwaited) : repaired);
    if (holder.loop_running) {
        if (!is_whole_statement(call)) return {.advice = make_async};
        Remedy remedy = remedy_by_task(call, holder);
        remedy.advice += ", or " + make_async;
        return remedy;
    }
    Remedy remedy = paste(call, repair(call, kRun));
    if (can_be_async(holder.function) && !alone)
        remedy.advice += (remedy.advice.empty() ? "" : ", or ") + make_async;
    return remedy;
}

Remedy remedy_by_task(const CallText& call, const HolderText& holder) {
    const std::string expression = call_expression(call);
    if (!holder.loop_running && !holder.may_await) return paste(call, "asyncio.run(" + expression + ")");
    Remedy remedy = paste(call, "task = asyncio.create_task(" + expression + ")");
    remedy.advice += remedy.advice.empty() ? "keep a reference to task" : ", and keep a reference to task";
    return remedy;
}

std::string bind_loop_names(std::string_view lambda, std::string_view expression,
                            const std::vector<std::string>& loop_names) {
    std::string bound;
    for (const std::string& name : loop_names) {
        const auto found = list_named(expression, name, false);
        const bool itself = std::ranges::any_of(
            found, [&](const TextSpan& span) { return span.end - span.begin == name.size(); });
        if (!itself) continue;  // `self.x`
        if (!bound.empty()) bound += ", ";
        bound.append(name).append("=").append(name);
    }
    const std::size_t colon = lambda.find(':');
    if (bound.empty() || colon == std::string_view::npos) return std::string(lambda);
    const std::string_view parameters = lambda.substr(0, colon);
    return std::string(parameters) + (parameters == "lambda" ? " " : ", ") + bound +
           std::string(lambda.substr(colon));
}

Remedy remedy_by_function(const CallText& call, const std::string& begin) {
    const std::string bound = bind_loop_names(begin, call_expression(call), call.loop_names);
    const Wrapping wrapping = {bound, ")"};
    if (!find_call(call)) return {.advice = "pass a function that makes it: " + wrap(call, wrapping)};
    return {.fix = repair(call, wrapping)};
}

std::optional<std::string> plain_definition(std::string_view line) {
    constexpr std::string_view kAsync = "async ";
    const std::string definition = statement_of(line);
    if (!definition.starts_with("async def ")) return std::nullopt;
    return strip_blanks(std::string_view(definition).substr(kAsync.size()));
}

}  // namespace corotrace
