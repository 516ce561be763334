// SPDX-License-Identifier: MIT
#include "tracer/diagnose/mistake_source.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "tracer/diagnose/callee_kind.hpp"
#include "tracer/diagnose/code_text.hpp"
#include "tracer/diagnose/fix_text.hpp"
#include "tracer/diagnose/mistake.hpp"
#include "tracer/diagnose/mistake_rules.hpp"
#include "tracer/diagnose/mistake_search.hpp"
#include "tracer/diagnose/mistake_tasks.hpp"
#include "tracer/diagnose/registration.hpp"

namespace corotrace {

namespace {

constexpr std::string_view kThrownAway = "which is thrown away; nothing awaits it";

// A call whose creating line is known, and what stands around it there.
class CreatingLine {
public:
    CreatingLine(const Finding& finding, const SourceLines& sources)
        : frame_(finding.created.frames.back()),
          line_(frame_.source.value_or("")),
          statement_(statement_of(line_)),
          code_(mark_code(line_)) {
        whole_ = frame_.line && sources.find_statement_end(frame_.file, *frame_.line) == frame_.line;
        call_ = find_named(line_, last_name(finding), true);
        const auto around =
            frame_.line ? sources.find_definition_around(frame_.file, *frame_.line) : std::nullopt;
        async_ = around && around->starts_with("async def ");
        if (frame_.line) loop_names_ = sources.find_loop_names(frame_.file, *frame_.line);
    }

    [[nodiscard]] const Frame& frame() const { return frame_; }
    [[nodiscard]] bool is_async() const { return async_; }
    [[nodiscard]] bool is_whole() const { return whole_; }
    [[nodiscard]] const std::string& statement() const { return statement_; }
    [[nodiscard]] std::optional<TextSpan> call() const { return call_; }
    [[nodiscard]] const std::vector<std::string>& loop_names() const { return loop_names_; }
    [[nodiscard]] std::string text_of(TextSpan span) const {
        return line_.substr(span.begin, span.end - span.begin);
    }
    [[nodiscard]] std::string with(TextSpan span, const std::string& text) const {
        return statement_of(line_.substr(0, span.begin) + text + line_.substr(span.end));
    }

    // `[f(x) for x in xs]`
    [[nodiscard]] bool is_listed(TextSpan span) const {
        const auto open = find_open(line_, code_, span.begin);
        return open && line_[*open] == '[' && line_.find(" for ", span.end) != std::string::npos;
    }

    // `return x or f()`: the function gives back what the call at `span` makes, or a tuple with it.
    [[nodiscard]] bool is_returned(TextSpan span) const {
        if (!statement_.starts_with("return ") || find_open(line_, code_, span.begin)) return false;
        const std::string after = strip_blanks(line_.substr(span.end));
        constexpr std::array<std::string_view, 6> kEnds = {"#", ",", "or ", "and ", "if ", "else "};
        return after.empty() ||
               std::ranges::any_of(kEnds, [&](std::string_view end) { return after.starts_with(end); });
    }

    // What the call at `span` is an argument of: its name, and the brackets with what they hold.
    struct Outer {
        std::string callee;
        TextSpan inside;
    };
    [[nodiscard]] std::optional<Outer> find_outer(TextSpan span) const {
        auto open = find_open(line_, code_, span.begin);
        // `f([x() for ...])`
        while (open && line_[*open] != '(') open = find_open(line_, code_, *open);
        const auto close = open ? find_close(line_, code_, *open) : std::nullopt;
        if (!close) return std::nullopt;
        std::size_t name = *open;
        while (name > 0 && is_word(line_[name - 1])) --name;
        if (name == *open) return std::nullopt;
        const std::size_t begin = find_begin(line_, name);
        return Outer{.callee = line_.substr(begin, *open - begin), .inside = {*open + 1, *close - 1}};
    }

private:
    const Frame& frame_;
    std::string line_;
    std::string statement_;
    std::vector<bool> code_;
    bool whole_ = false;
    bool async_ = false;
    std::optional<TextSpan> call_;
    std::vector<std::string> loop_names_;
};

// `return f(x)` or `y = f(x)` with nothing else called in it, so that f made the coroutine: where f stands.
std::optional<std::size_t> find_only_call(const std::string& statement) {
    std::size_t begin = 0;
    if (statement.starts_with("return ")) {
        begin = std::string_view("return ").size();
    } else {
        while (begin < statement.size() && is_word(statement[begin])) ++begin;
        if (begin == 0 || statement.compare(begin, 3, " = ") != 0) return std::nullopt;
        begin += 3;
    }
    const auto code = mark_code(statement);
    std::size_t at = begin;
    while (at < statement.size() && (is_word(statement[at]) || statement[at] == '.')) ++at;
    if (at == begin || at >= statement.size() || statement[at] != '(') return std::nullopt;
    if (find_close(statement, code, at) != statement.size()) return std::nullopt;
    if (std::count(statement.begin(), statement.end(), '(') != 1) return std::nullopt;
    return begin;
}

bool is_on_stack(const Finding& finding, const Frame& frame) {
    const auto& frames = finding.dropped.frames;
    return frames && std::ranges::any_of(*frames, [&](const Frame& other) {
               return other.file == frame.file && other.name == frame.name;
           });
}

// An async wrapper gave back the coroutine that it had to await, and awaiting the wrapper did not help.
void find_wrapper(Finding& finding, const CreatingLine& made) {
    constexpr std::array<std::string_view, 8> kIds = {"awaited_result_discarded",
                                                      "assigned_never_used",
                                                      "used_as_value",
                                                      "tested_for_truth",
                                                      "compared",
                                                      "formatted",
                                                      "kept_in_container",
                                                      "passed_to_function"};
    Mistake& mistake = *finding.mistake;
    if (mistake.fix || !is_one_of(mistake.id, kIds) || !made.is_async() || !made.is_whole()) return;
    if (is_on_stack(finding, made.frame())) return;
    if (const auto begin = find_only_call(made.statement())) {
        mistake.fix = made.statement().substr(0, *begin) + "await " + made.statement().substr(*begin);
    } else if (made.call() && made.is_returned(*made.call())) {
        mistake.fix = made.with(*made.call(), "await " + made.text_of(*made.call()));
    } else {
        return;
    }
    mistake.place = made.frame();
    mistake.advice.reset();
    // It has not given it back, but used it itself.
    const auto& ended = finding.dropped.ended;
    if (ended && ended->file == made.frame().file && ended->name == made.frame().name) return;
    mistake.sentence = made.frame().name + "() is async and gives back the coroutine " +
                       coroutine_of(finding) + " without awaiting it, so that awaiting " + made.frame().name +
                       "() gives a coroutine, which nothing awaits";
}

// `asyncio.wait([f(x) for x in xs])`
void wrap_in_task(Finding& finding, const CreatingLine& made) {
    Mistake& mistake = *finding.mistake;
    if (mistake.id != "never_scheduled" || !made.call()) return;
    const auto outer = made.find_outer(*made.call());
    if (!outer || last_part(outer->callee) != "wait") return;
    const std::string call = made.text_of(*made.call());
    mistake.sentence = outer->callee + "() takes tasks, and no coroutines from Python 3.11 on: it refused " +
                       coroutine_of(finding);
    mistake.advice.reset();
    mistake.place = made.frame();
    const std::string task = "asyncio.create_task(" + call + ")";
    mistake.fix = made.is_whole() ? made.with(*made.call(), task) : task;
}

// `all(f(x) for x in xs)`: await works in a list only, for in a generator it makes that async.
void await_in_list(Finding& finding, const CreatingLine& made) {
    constexpr std::array<std::string_view, 2> kIds = {"tested_for_truth", "used_as_value"};
    Mistake& mistake = *finding.mistake;
    if (mistake.fix || !made.call() || !made.is_async()) return;
    if (mistake.id == "kept_in_container" && mistake.sentence.ends_with(kThrownAway) && made.is_whole() &&
        made.is_listed(*made.call())) {
        mistake.fix = made.with(*made.call(), "await " + made.text_of(*made.call()));
        mistake.place = made.frame();
        mistake.advice.reset();
    }
    if (!is_one_of(mistake.id, kIds)) return;
    const auto outer = made.is_whole() ? made.find_outer(*made.call()) : std::nullopt;
    if (!outer || kind_of_callee(outer->callee) == CalleeKind::kPlain) return;
    const std::string inside = made.text_of(outer->inside);
    if (inside.find(" for ") == std::string::npos) return;
    const std::size_t at = made.call()->begin - outer->inside.begin;
    const std::string awaited = inside.substr(0, at) + "await " + inside.substr(at);
    mistake.fix = made.with(outer->inside, inside.starts_with('[') ? awaited : "[" + awaited + "]");
    mistake.place = made.frame();
    mistake.advice.reset();
}

// `loop.call_later(5, f())`: a function that starts it in its place.
void wrap_in_function(Finding& finding, const CreatingLine& made) {
    Mistake& mistake = *finding.mistake;
    if (mistake.id != "passed_as_callback" || mistake.fix || !made.call() || !made.is_whole()) return;
    const auto outer = made.find_outer(*made.call());
    const CallbackTaker* taker = outer ? find_callback_taker(outer->callee) : nullptr;
    if (taker == nullptr || taker->lambda.empty()) return;
    const std::string_view lambda =
        made.is_async() && !taker->in_loop.empty() ? taker->in_loop : taker->lambda;
    const std::string text = made.text_of(*made.call());
    mistake.fix = made.with(*made.call(), bind_loop_names(lambda, text, made.loop_names()) + text + ")");
    mistake.place = made.frame();
    mistake.advice.reset();
}

// What was given it is a coroutine itself, whose task did not come so far.
bool is_given_to_task(const CreatingLine& made, const CreatingLine::Outer& outer) {
    const TextSpan whole{outer.inside.begin - outer.callee.size() - 1, outer.inside.end + 1};
    const auto around = made.find_outer(whole);
    return around && kind_of_callee(around->callee) == CalleeKind::kSchedules;
}

// They run functions, in place of which they may not be given coroutines.
bool wants_function(const std::string& callee) {
    return callee == "anyio.run" || callee == "trio.run" || last_part(callee) == "start_soon";
}

// Nothing is known but the line that created it.
void judge_by_line(Finding& finding, const CreatingLine& made) {
    Mistake& mistake = *finding.mistake;
    const bool in_part = mistake.id == "exception_before_await" && !mistake.fix && !mistake.advice;
    const bool cycle = mistake.id == "kept_in_cycle";
    const bool parameter = finding.seen && finding.seen->by_parameter;
    if ((mistake.id != "unknown" && !in_part && !cycle && !parameter) || !made.call()) return;
    const auto outer = made.find_outer(*made.call());
    if (!outer || outer->callee.find('(') != std::string::npos) return;
    const std::string name = coroutine_of(finding);
    const std::string callee = outer->callee + "()";
    constexpr std::array<std::string_view, 4> kPuts = {"append", "appendleft", "add", "put_nowait"};
    const std::string last = last_part(outer->callee);
    // The function that was given it is over, and did nothing with it.
    const bool given = finding.dropped.ended && finding.dropped.ended->name == last;
    if (is_one_of(last, kPuts)) {
        mistake = {.id = "kept_in_container",
                   .sentence = name + " was put into a container by " + callee + ", and nothing awaited it",
                   .advice = "await what it holds: await asyncio.gather(*...)"};
    } else if (registers_functions(last, true) || wants_function(outer->callee)) {
        mistake = {.id = "passed_as_callback",
                   .sentence = name + " makes a coroutine, and " + callee +
                               " was given that as the function to call"};
        mistake.advice = "pass the function itself, without calling it";
    } else if (kind_of_callee(outer->callee) != CalleeKind::kPlain) {
        return;
    } else if ((!given || finding.dropped.cause == DropCause::kException) && is_given_to_task(made, *outer)) {
        mistake = {
            .id = "exception_before_await",
            .sentence = name + " was given to " + callee +
                        ", the task of which ended before it awaited that, as one does that is cancelled",
            .advice = "create the coroutine where it is awaited: give " + callee + " its function"};
    } else {
        mistake = {.id = "passed_to_function",
                   .sentence = name + " makes a coroutine, and " + callee +
                               " got that instead of the function or its result; nothing awaited it",
                   .advice = "if " + callee +
                             " wants a function, pass it without calling it; if it wants "
                             "the result, await it"};
        const bool ended = finding.dropped.cause == DropCause::kFrameEnd || !is_given_to_task(made, *outer);
        if (given && ended && made.is_async() && made.is_whole()) {
            mistake.fix = made.with(*made.call(), "await " + made.text_of(*made.call()));
            mistake.advice.reset();
        }
    }
    mistake.place = made.frame();
}

// A mock and what it was given are a cycle. The line that made the coroutine tells, where it is known.
void find_mock(Finding& finding) {
    Mistake& mistake = *finding.mistake;
    if (mistake.id != "kept_in_cycle") return;
    const std::string line = finding.created.frames.back().source.value_or("");
    constexpr std::array<std::string_view, 4> kGiven = {"Mock(", "return_value", "side_effect", "patch("};
    constexpr std::array<std::string_view, 3> kRuns = {"asyncio.run(", "run_until_complete(",
                                                       "run_coroutine_threadsafe("};
    const auto in_line = [&](std::string_view text) { return line.find(text) != std::string::npos; };
    const bool given = std::ranges::any_of(kGiven, in_line);
    if (!given && std::ranges::none_of(kRuns, in_line)) return;
    mistake = {
        .id = "held_by_mock",
        .sentence = coroutine_of(finding) +
                    (given ? " was given to a mock, which keeps it and gives it to nobody that awaits it"
                           : " was passed to what stands in for an event loop's function, as a mock "
                             "does, and that kept it and did not run it"),
        .advice = given ? "give the mock the result itself: AsyncMock(return_value=...) makes a "
                          "coroutine at each call"
                        : "close() the coroutine in the test, or patch the async function itself"};
}

// Nothing is known but that a thread of an executor made it.
void find_executor(Finding& finding, const OwnCode& own) {
    Mistake& mistake = *finding.mistake;
    const auto& frames = finding.created.frames;
    const bool by_executor = std::ranges::any_of(frames, [](const Frame& frame) {
        return frame.file.ends_with("/concurrent/futures/thread.py") && frame.name == "run";
    });
    if (mistake.id != "unknown" || !by_executor) return;
    mistake = {.id = "given_to_executor",
               .sentence = "an executor called a function that gives back the coroutine " +
                           coroutine_of(finding) + ", which nothing awaits",
               .advice = "await it, or hand it to the loop: asyncio.run_coroutine_threadsafe(...)"};
    if (own.is_own(frames.back().file)) mistake.place = frames.back();
}

// The library is not to be changed, so what counts is where the program hands it the function.
void find_registered(Finding& finding, bool thrown_away, const SourceLines& sources, const OwnCode& own) {
    Mistake& mistake = *finding.mistake;
    const auto& coroutine = finding.coroutine;
    if (mistake.id != "async_callback" || !coroutine.file || !own.is_own(*coroutine.file)) return;
    const auto& frames = finding.dropped.frames;
    const bool by_library = (frames && (frames->empty() || !own.is_own(frames->back().file))) ||
                            (finding.dropped.ended && !own.is_own(finding.dropped.ended->file));
    if (!by_library) return;
    std::vector<std::string> files = {*coroutine.file};
    const auto add = [&](const std::vector<Frame>& list) {
        for (const Frame& frame : list) {
            if (own.is_own(frame.file) && std::ranges::find(files, frame.file) == files.end())
                files.push_back(frame.file);
        }
    };
    if (frames) add(*frames);
    add(finding.created.frames);
    const auto found = find_registration(coroutine, files, sources);
    if (!found) {
        mistake.place = find_definition(coroutine, sources);
        return;
    }
    mistake.place = found->place;
    mistake.sentence += "; registered in line " + std::to_string(found->place.line.value_or(0)) + " of " +
                        portable_path(found->place.file);
    if (!found->passed || !thrown_away) return;
    const std::string& line = *found->place.source;
    const bool alone = sources.find_statement_end(found->place.file, *found->place.line) == found->place.line;
    if (!alone || statement_of(line).starts_with('@')) return;
    const std::string name = line.substr(found->passed->begin, found->passed->end - found->passed->begin);
    const std::string starter = runs_in_loop(finding) ? "asyncio.ensure_future(" : "asyncio.run(";
    mistake.fix = statement_of(line.substr(0, found->passed->begin) + "lambda *args, **kwargs: " + starter +
                               name + "(*args, **kwargs))" + line.substr(found->passed->end));
    mistake.advice = "or make " + last_name(finding) + "() a plain function";
}

}  // namespace

void refine_mistake(Finding& finding, bool thrown_away, const SourceLines& sources, const OwnCode& own) {
    if (!finding.mistake) return;
    find_registered(finding, thrown_away, sources, own);
    find_given_to_executor(finding, sources, own);
    const CreatedFacts& created = finding.created;
    const bool known = created.how == CreationSource::kOrigin && !created.frames.empty();
    find_own_attribute(finding, known ? created.frames.back().line : std::nullopt, sources, own);
    if (!known) return;
    find_mock(finding);
    find_executor(finding, own);
    if (!created.frames.back().source || !own.is_own(created.frames.back().file)) return;
    const CreatingLine made(finding, sources);
    find_wrapper(finding, made);
    wrap_in_task(finding, made);
    await_in_list(finding, made);
    judge_by_line(finding, made);
    wrap_in_function(finding, made);
}

void diagnose_by_creation(Finding& finding, const SourceLines& sources, const OwnCode& own) {
    if (finding.lost_task) {
        finding.mistake = diagnose_lost_task(finding, sources);
        return;
    }
    if (!finding.seen) return;
    finding.mistake = finding.seen->mistake;
    refine_mistake(finding, finding.seen->thrown_away, sources, own);
}

std::vector<std::string> list_diagnosis_files(const Finding& finding, const OwnCode& own) {
    std::set<std::string> files;
    const auto add = [&](const std::string& file) {
        if (can_be_file(file) && own.is_own(file)) files.insert(file);
    };
    if (finding.coroutine.file) add(*finding.coroutine.file);
    for (const Frame& frame : finding.created.frames) add(frame.file);
    if (finding.dropped.frames) {
        for (const Frame& frame : *finding.dropped.frames) add(frame.file);
    }
    if (finding.task && finding.task->coroutine.file) add(*finding.task->coroutine.file);
    return {files.begin(), files.end()};
}

}  // namespace corotrace
