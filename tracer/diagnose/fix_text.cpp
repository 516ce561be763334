// SPDX-License-Identifier: MIT
#include "tracer/diagnose/fix_text.hpp"

#include <vector>

#include "tracer/diagnose/code_text.hpp"

namespace corotrace {

namespace {

std::string last_name(const std::string& callee) {
    const auto dot = callee.find_last_of('.');
    return dot == std::string::npos ? callee : callee.substr(dot + 1);
}

// By its name, where there are no columns.
std::optional<TextSpan> search_call(const CallText& call) {
    return find_named(*call.line, last_name(call.callee), call.is_call);
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
    const std::string line = call.line ? statement_of(*call.line) : "";
    if (line.starts_with('@')) {
        return {.advice = "make " + last_name(call.callee) +
                          "() a plain function: what decorates is called and not awaited"};
    }
    const std::string repaired = replace_call(call, awaited(call));
    if (holder.may_await) return paste(call, repaired);
    // An async function cannot `yield from`.
    const bool alone = line.find("yield from ") != std::string::npos;
    const std::string make_async =
        can_be_async(holder.function) && !alone
            ? "make " + holder.function + "() async and write: " + repaired
            : "await it in an async function: " + (alone ? awaited(call) : repaired);
    if (holder.loop_running) {
        if (!is_whole_statement(call)) return {.advice = make_async};
        Remedy remedy = remedy_by_task(call, holder);
        remedy.advice += ", or " + make_async;
        return remedy;
    }
    Remedy remedy = paste(call, replace_call(call, "asyncio.run(" + call_expression(call) + ")"));
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

std::optional<std::string> plain_definition(std::string_view line) {
    constexpr std::string_view kAsync = "async ";
    const std::string definition = statement_of(line);
    if (!definition.starts_with("async def ")) return std::nullopt;
    return strip_blanks(std::string_view(definition).substr(kAsync.size()));
}

}  // namespace corotrace
