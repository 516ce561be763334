// SPDX-License-Identifier: MIT
#include "tracer/diagnose/helper_source.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "tracer/diagnose/code_text.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMostDefinitions = 8;
constexpr int kMostLines = 60;

std::size_t indentation_of(std::string_view line) {
    return std::min(line.find_first_not_of(" \t"), line.size());
}

// Of "def spawn(self, coroutine, enabled=True):", as far as they stand in this line.
std::vector<std::string> list_parameters(std::string_view line, std::size_t open) {
    std::vector<std::string> names;
    int depth = 0;
    std::string name;
    bool named = true;
    for (std::size_t i = open + 1; i <= line.size(); ++i) {
        const char c = i < line.size() ? line[i] : ')';
        if (depth == 0 && (c == ',' || c == ')')) {
            if (!name.empty() && name != "self") names.push_back(name);
            name.clear();
            named = true;
            if (c == ')') break;
        } else if (c == '(' || c == '[' || c == '{') {
            ++depth;
        } else if (c == ')' || c == ']' || c == '}') {
            --depth;
        } else if (c == ':' || c == '=') {
            named = false;
        } else if (named && is_word(c)) {
            name += c;
        }
    }
    return names;
}

bool awaits_in(std::string_view statement, const std::string& name) {
    constexpr std::array<std::string_view, 10> kBefore = {
        "await ",  "create_task(", "ensure_future(",      "asyncio.run(",
        "gather(", "wait_for(",    "run_until_complete(", "run_coroutine_threadsafe(",
        "shield(", "yield from "};
    return std::ranges::any_of(kBefore, [&](std::string_view before) {
        const std::string text = std::string(before) + name;
        const auto at = statement.find(text);
        if (at == std::string_view::npos) return false;
        const std::size_t end = at + text.size();
        return end >= statement.size() || !is_word(statement[end]);
    });
}

bool awaits_parameter(const SourceLines& sources, const std::string& file, int definition,
                      const std::string& name) {
    const auto line = sources.find_line(file, definition);
    const auto begin = line ? line->find("def " + name + "(") : std::string::npos;
    if (begin == std::string::npos) return false;
    const auto parameters = list_parameters(*line, line->find('(', begin));
    const std::size_t indentation = indentation_of(*line);
    for (int at = definition + 1; at < definition + kMostLines; ++at) {
        const auto body = sources.find_line(file, at);
        if (!body) continue;
        if (indentation_of(*body) <= indentation) return false;
        const auto awaits = [&](const std::string& parameter) { return awaits_in(*body, parameter); };
        if (std::ranges::any_of(parameters, awaits)) return true;
    }
    return false;
}

ParameterKind kind_of_name(std::string_view name) {
    constexpr std::array<std::string_view, 9> kFunctions = {
        "callback", "func", "function", "fn", "handler", "hook", "listener", "target", "action"};
    constexpr std::array<std::string_view, 6> kEither = {"job",  "task",      "work",
                                                         "coro", "coroutine", "awaitable"};
    if (is_one_of(name, kFunctions) || name.ends_with("_callback") || name.ends_with("_handler"))
        return ParameterKind::kFunction;
    return is_one_of(name, kEither) ? ParameterKind::kEither : ParameterKind::kPlain;
}

}  // namespace

ParameterKind kind_of_parameter(const SourceLines& sources, const std::string& file, const std::string& name,
                                std::size_t position, const std::string& keyword) {
    if (!keyword.empty()) return kind_of_name(keyword);
    if (name.empty()) return ParameterKind::kPlain;
    const auto lines = sources.find_lines_with(file, "def " + name + "(", kMostDefinitions);
    if (lines.size() != 1) return ParameterKind::kPlain;
    const std::string line = sources.find_line(file, lines.front()).value_or("");
    const auto parameters = list_parameters(line, line.find('(', line.find("def ")));
    return position < parameters.size() ? kind_of_name(parameters[position]) : ParameterKind::kPlain;
}

bool takes_coroutines(const SourceLines& sources, const std::string& file, const std::string& name) {
    if (name.empty()) return false;
    const auto lines = sources.find_lines_with(file, "def " + name + "(", kMostDefinitions);
    return std::ranges::any_of(lines, [&](int at) { return awaits_parameter(sources, file, at, name); });
}

}  // namespace corotrace
