// SPDX-License-Identifier: MIT
#include "tracer/diagnose/mistake_search.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tracer/diagnose/code_text.hpp"
#include "tracer/diagnose/registration.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMostCalls = 50;

// The files of the program that the finding knows of.
std::vector<std::string> own_files(const Finding& finding, const OwnCode& own) {
    std::vector<std::string> files;
    const auto add = [&](const std::string& file) {
        if (own.is_own(file) && std::ranges::find(files, file) == files.end()) files.push_back(file);
    };
    if (finding.coroutine.file) add(*finding.coroutine.file);
    if (finding.task && finding.task->coroutine.file) add(*finding.task->coroutine.file);
    if (finding.dropped.frames) {
        for (const Frame& frame : *finding.dropped.frames) add(frame.file);
    }
    for (const Frame& frame : finding.created.frames) add(frame.file);
    return files;
}

// "run_in_executor" of `loop.run_in_executor(None, f, 1)`, if `at` is within its brackets.
std::optional<std::string> callee_around(const std::string& line, std::size_t at) {
    const auto open = find_open(line, mark_code(line), at);
    if (!open || line[*open] != '(') return std::nullopt;
    std::size_t begin = *open;
    while (begin > 0 && is_word(line[begin - 1])) --begin;
    return line.substr(begin, *open - begin);
}

struct Kept {
    int line = 0;
    std::string text;
    TextSpan call;
    std::string attribute;
};

// `self.token = self.login()`, `self.jobs.append(self.work())`
std::optional<Kept> find_kept(const std::string& line, int at, const std::string& name) {
    const auto span = find_named(line, name, true);
    if (!span || !std::string_view(line).substr(span->begin).starts_with("self.")) return std::nullopt;
    const std::string before = strip_blanks(line.substr(0, span->begin));
    if (!before.starts_with("self.") || before.ends_with("await")) return std::nullopt;
    const auto end = before.find_first_of(" =.[(", std::string_view("self.").size());
    if (end == std::string::npos) return std::nullopt;
    constexpr std::array<std::string_view, 4> kPuts = {"=", ".append(", ".add(", ".put_nowait("};
    const std::string rest = strip_blanks(before.substr(end));
    const bool puts = std::ranges::any_of(kPuts, [&](std::string_view put) { return rest == put; }) ||
                      (rest.starts_with('[') && rest.ends_with("] ="));
    if (!puts) return std::nullopt;
    return Kept{at, line, *span, before.substr(0, end)};
}

// `await self.job`, and not what it has: `await self.job.run()`.
bool is_awaited(const SourceLines& sources, const std::string& file, const std::string& attribute) {
    const std::string await = "await " + attribute;
    return std::ranges::any_of(sources.find_lines_with(file, await, kMostCalls), [&](int at) {
        const std::string line = sources.find_line(file, at).value_or("");
        const std::size_t end = line.find(await) + await.size();
        return end >= line.size() ||
               (!is_word(line[end]) && std::string_view(".[(").find(line[end]) == std::string_view::npos);
    });
}

}  // namespace

std::string coroutine_of(const Finding& finding) {
    return finding.coroutine.qualname.value_or(finding.coroutine.name.value_or("")) + "()";
}

std::string last_name(const Finding& finding) {
    return last_part(finding.coroutine.name.value_or(finding.coroutine.qualname.value_or("")));
}

void find_given_to_executor(Finding& finding, const SourceLines& sources, const OwnCode& own) {
    Mistake& mistake = *finding.mistake;
    const auto& frames = finding.dropped.frames;
    if (mistake.id != "unknown" || !frames || frames->empty() || frames->back().name != "_run_once" ||
        !frames->back().file.ends_with("/asyncio/base_events.py"))
        return;
    const auto found = find_registration(finding.coroutine, own_files(finding, own), sources);
    if (!found || !found->passed || !found->place.source) return;
    constexpr std::array<std::string_view, 5> kTakers = {"run_in_executor", "to_thread", "submit",
                                                         "run_in_threadpool", "run_sync"};
    const auto taker = callee_around(*found->place.source, found->passed->begin);
    if (!taker || !is_one_of(*taker, kTakers)) return;
    const std::string function =
        found->place.source->substr(found->passed->begin, found->passed->end - found->passed->begin);
    mistake = {.id = "given_to_executor",
               .sentence = *taker + "() calls the async function " + function +
                           " as a plain one in a thread: what comes back is the coroutine " +
                           coroutine_of(finding) + ", which nothing awaits",
               .advice = "await it in the event loop: await " + function + "(...)"};
    mistake.place = found->place;
}

void find_own_attribute(Finding& finding, std::optional<int> created, const SourceLines& sources,
                        const OwnCode& own) {
    Mistake& mistake = *finding.mistake;
    const auto& coroutine = finding.coroutine;
    const bool method =
        coroutine.arguments && !coroutine.arguments->empty() && coroutine.arguments->front().name == "self";
    if (mistake.id != "kept_in_cycle" || !method || !coroutine.file || !own.is_own(*coroutine.file)) return;
    const std::string name = last_name(finding);
    const auto lines = sources.find_lines_with(*coroutine.file, "self." + name + "(", kMostCalls);
    if (lines.size() == kMostCalls) return;
    std::optional<Kept> only;
    for (const int at : lines) {
        if (created && *created != at) continue;
        const auto line = sources.find_line(*coroutine.file, at);
        const auto kept = line ? find_kept(*line, at, name) : std::nullopt;
        if (!kept) continue;
        if (only) return;
        only = kept;
    }
    if (!only) return;
    mistake.sentence = coroutine_of(finding) + " was kept in " + only->attribute + " by line " +
                       std::to_string(only->line) +
                       ", and holds its object itself: such a cycle stays until "
                       "the collector finds it; nothing awaited it";
    mistake.place = frame_of_line(sources, *coroutine.file, only->line);
    if (is_awaited(sources, *coroutine.file, only->attribute)) {
        mistake.advice = "find out why that is thrown away before it is awaited";
        return;
    }
    const std::string awaited =
        statement_of(only->text.substr(0, only->call.begin) + "await " + only->text.substr(only->call.begin));
    const auto around = sources.find_definition_around(*coroutine.file, only->line);
    const bool whole = sources.find_statement_end(*coroutine.file, only->line) == only->line;
    if (around && around->starts_with("async def ") && whole) {
        mistake.fix = awaited;
    } else {
        mistake.advice = "await it in an async function" + (whole ? ": " + awaited : "");
    }
}

}  // namespace corotrace
