// SPDX-License-Identifier: MIT
#include "tracer/diagnose/mistake.hpp"

#include <algorithm>

#include "tracer/diagnose/call_source.hpp"
#include "tracer/diagnose/code_text.hpp"
#include "tracer/diagnose/drop_cause.hpp"
#include "tracer/diagnose/fix_text.hpp"
#include "tracer/diagnose/helper_source.hpp"
#include "tracer/diagnose/mistake_rules.hpp"

namespace corotrace {

namespace {

bool runs_loop(const Frame& frame) {
    return (frame.file.ends_with("/asyncio/base_events.py") &&
            (frame.name == "_run_once" || frame.name == "run_forever")) ||
           (frame.file.ends_with("/asyncio/runners.py") && frame.name == "run");
}

// A comprehension is a function of its own up to 3.11; what may be awaited in it depends on the one around.
const SiteFrame& holder_of(const DropSite& site, const SiteFrame& frame) {
    const bool nested = frame.code->name.starts_with('<') && frame.code->name.ends_with("comp>");
    for (std::size_t i = 0; nested && i < site.raised.size(); ++i) {
        if (&frame != &site.raised[i]) continue;
        if (i + 1 < site.raised.size()) return site.raised[i + 1];
        return site.frames.empty() ? frame : site.frames.front();
    }
    return nested && &frame == &site.frames.front() && site.frames.size() > 1 ? site.frames[1] : frame;
}

Verdict judge_unseen(const Scene& scene) {
    if (scene.finding.dropped.cause == DropCause::kCyclicGc) {
        return {.id = "kept_in_cycle",
                .sentence = scene.coroutine() +
                            " was kept in a reference cycle until the collector found it; nothing awaited it",
                .call = {}};
    }
    if (scene.finding.dropped.cause == DropCause::kThreadExit) {
        return {.id = "held_at_thread_exit",
                .sentence = scene.coroutine() +
                            " was still held by its thread, as in a threading.local, when that ended; "
                            "nothing awaited it",
                .call = {}};
    }
    // What the interpreter's own code calls with no Python frame around, before it shuts down.
    if (scene.finding.dropped.frames && scene.finding.dropped.frames->empty() && scene.site.main_thread &&
        scene.site.finalizing == false) {
        return {.id = "async_callback",
                .sentence = "Python itself called the async function " + scene.coroutine() +
                            " as a plain one, as for atexit, and did not await what it made",
                .call = {},
                .advice =
                    "register a plain function: atexit.register(lambda: asyncio.run(...)), or await it "
                    "before the program ends",
                .thrown_away = true};
    }
    if (scene.finding.dropped.cause == DropCause::kShutdown) {
        return {.id = "held_at_exit",
                .sentence =
                    scene.coroutine() + " was still held when the interpreter shut down; nothing awaited it",
                .call = {}};
    }
    return {.id = "unknown",
            .sentence = "nothing awaited " + scene.coroutine() +
                        ", and the code at its drop does not show what was meant",
            .call = {}};
}

// The line that defines the coroutine's function, below its decorators, without "async".
std::optional<std::string> find_plain_definition(const Finding& finding, const SourceLines& sources) {
    constexpr int kMostDecorators = 9;
    if (!finding.coroutine.file || !finding.coroutine.line) return std::nullopt;
    const std::string& file = *finding.coroutine.file;
    const int first = *finding.coroutine.line;
    for (int at = first; at <= first + kMostDecorators; ++at) {
        const auto line = sources.find_line(file, at);
        const auto plain = line ? plain_definition(*line) : std::nullopt;
        if (plain) return sources.find_statement_end(file, at) == at ? plain : std::nullopt;
    }
    return std::nullopt;
}

// Where the call of the verdict is, and what is to be repaired with it.
CallText find_text(const Verdict& verdict, const SiteCode& code) {
    const SiteCode::Index call = *verdict.call;
    CallText text{.line = {},
                  .position = code.position(call),
                  .callee = code.describe_callee(call),
                  .is_call = SiteCode::is_call(code.at(call).op)};
    if (verdict.repair == Repair::kAwait && !verdict.alone) {
        for (const SiteCode::Index other : code.calls_beside(call))
            text.others.push_back(code.position(other));
    }
    if (verdict.outer) text.outer = code.position(*verdict.outer);
    return text;
}

Remedy repair(const Verdict& verdict, CallText call, const HolderText& holder) {
    call.is_statement = call.is_statement && !verdict.alone;
    if (verdict.repair == Repair::kFunction) return remedy_by_function(call, std::string(verdict.lambda));
    return verdict.repair == Repair::kTask ? remedy_by_task(call, holder) : remedy_by_await(call, holder);
}

// It is an argument of a function of the program that takes coroutines.
ParameterKind kind_of_parameter(const Verdict& verdict, const SiteCode& code, const SourceLines& sources) {
    const bool passed = verdict.id == "passed_to_function" && verdict.repair == Repair::kAwait;
    const auto taker = passed ? code.consumer(*verdict.call) : std::nullopt;
    if (!taker || !SiteCode::is_call(code.at(*taker).op)) return ParameterKind::kPlain;
    const auto arguments = code.arguments(*taker);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (code.flow().maker(arguments[i].operand) != verdict.call) continue;
        return kind_of_parameter(sources, code.code().filename, code.callee_name(*taker), i,
                                 arguments[i].keyword.value_or(""));
    }
    return ParameterKind::kPlain;
}

bool is_given_to_helper(const Verdict& verdict, const SiteCode& code, const SourceLines& sources) {
    if (verdict.id != "passed_to_function" || verdict.repair != Repair::kAwait) return false;
    const auto taker = code.consumer(*verdict.call);
    return taker && SiteCode::is_call(code.at(*taker).op) &&
           takes_coroutines(sources, code.code().filename, code.callee_name(*taker));
}

// "@title.setter": what Python calls for an assignment cannot be made async.
bool is_setter(const Code& code, const SourceLines& sources) {
    const auto line = sources.find_line(code.filename, code.first_line);
    if (!line) return false;
    const std::string decorator = statement_of(*line);
    return decorator.starts_with('@') && (decorator.ends_with(".setter") || decorator.ends_with(".deleter"));
}

// `user.task = f()`, where another function of the file has `await user.task`.
bool is_awaited_elsewhere(const SiteCode& code, SiteCode::Index call, const SourceLines& sources) {
    const auto store = code.consumer(call);
    if (!store || code.at(*store).op != Op::kStoreAttr) return false;
    // `f().task = 1` sets one of the coroutine.
    if (code.flow().maker(code.flow().operands(*store).front()) != call) return false;
    constexpr std::size_t kMostUses = 50;
    const std::string attribute = "." + code.name_of(*store);
    const std::string& file = code.code().filename;
    const auto awaits = [&](int at) {
        const std::string line = sources.find_line(file, at).value_or("");
        const auto found = line.find(attribute);
        const auto await = line.rfind("await ", found);
        return found != std::string::npos && await != std::string::npos;
    };
    return std::ranges::any_of(sources.find_lines_with(file, attribute, kMostUses), awaits);
}

// It was given to who may want a coroutine, or a function, and not its result: that is said then.
bool is_wanted_as_it_is(const Scene& scene, const Verdict& verdict, const SiteCode& code,
                        const SourceLines& sources, Mistake& mistake) {
    const ParameterKind parameter = kind_of_parameter(verdict, code, sources);
    // A "task" that something of it was asked for is data.
    const bool used = parameter == ParameterKind::kEither && !scene.site.raised.empty();
    if (parameter == ParameterKind::kPlain || used) return false;
    const std::string callee = code.describe_callee(*verdict.call);
    if (parameter == ParameterKind::kFunction) {
        mistake.id = "passed_as_callback";
        mistake.sentence = code.name_call(*verdict.call) + " makes a coroutine, and " +
                           code.describe_callee(*code.consumer(*verdict.call)) +
                           "() was given that where a function belongs";
        mistake.advice = "pass the function itself, without calling it: " + callee;
    } else {
        mistake.advice =
            "if a function is wanted there, pass it without calling it; if its result is, await it";
    }
    return true;
}

Mistake make_mistake(const Scene& scene, const Verdict& verdict, const SiteCode* code, const SiteFrame* frame,
                     const SourceLines& sources) {
    Mistake mistake{.id = verdict.id, .sentence = verdict.sentence};
    if (!verdict.advice.empty()) mistake.advice = verdict.advice;
    if (verdict.repair == Repair::kPlain) mistake.fix = find_plain_definition(scene.finding, sources);
    const bool is_call = verdict.repair != Repair::kNone && verdict.repair != Repair::kPlain;
    if (!is_call || code == nullptr || !verdict.call) return mistake;
    // Nobody mends that of Python itself.
    if (code->code().filename.find("/asyncio/") != std::string::npos &&
        !scene.own.is_own(code->code().filename))
        return mistake;
    if (called_by_library(scene, *code)) {
        if (!mistake.advice) mistake.advice = advise_callback(scene);
        return mistake;
    }
    if (is_given_to_helper(verdict, *code, sources)) {
        if (!mistake.advice)
            mistake.advice = "find out why that did not await or schedule it, or close() it there";
        return mistake;
    }
    if (is_wanted_as_it_is(scene, verdict, *code, sources, mistake)) return mistake;
    if (is_awaited_elsewhere(*code, *verdict.call, sources)) {
        mistake.advice = "find out why that is thrown away before it is awaited";
        return mistake;
    }
    const SiteFrame& holder = holder_of(scene.site, *frame);
    const SiteCode holder_code(scene.layout, holder, scene.names);
    const bool fixed = holder_code.is_class_body() || is_setter(*holder.code, sources);
    const HolderText text{.function = fixed ? "<fixed>" : holder.code->name,
                          .may_await = holder_code.is_async(),
                          .loop_running = scene.loop_running};
    Remedy remedy =
        repair(verdict, read_call(sources, code->code().filename, find_text(verdict, *code)), text);
    mistake.fix = std::move(remedy.fix);
    const bool says_more = !remedy.advice.empty() && (!mistake.fix || !mistake.advice);
    if (says_more) mistake.advice = std::move(remedy.advice);
    return mistake;
}

Frame frame_at(const SiteCode& code, SiteCode::Index call, const SourceLines& sources) {
    const Position position = code.position(call);
    Frame frame{.function = code.code().qualname,
                .name = code.code().name,
                .file = code.code().filename,
                .line = position.line,
                .end_line = position.end_line,
                .col = position.col,
                .end_col = position.end_col,
                .source = {}};
    if (frame.line) frame.source = sources.find_line(frame.file, *frame.line);
    return frame;
}

Diagnosis make_diagnosis(const Scene& scene, const Verdict& verdict, const SiteCode* code,
                         const SiteFrame* frame, const SourceLines& sources, DropCause cause) {
    Diagnosis diagnosis{
        .mistake = make_mistake(scene, verdict, code, frame, sources), .created = {}, .cause = cause};
    if (verdict.proves_creation && verdict.call && code != nullptr)
        diagnosis.created = frame_at(*code, *verdict.call, sources);
    return diagnosis;
}

// The exception kept the functions that it left, and the coroutine in a variable of one of them.
Diagnosis diagnose_raised(const Scene& scene, const SourceLines& sources) {
    for (const SiteFrame& frame : scene.site.raised) {
        const SiteCode code(scene.layout, frame, scene.names);
        const auto verdict = judge_raised(scene, code, frame);
        if (verdict) return make_diagnosis(scene, *verdict, &code, &frame, sources, DropCause::kException);
    }
    // The caller of one of them, which may still run, may have made it for that one.
    for (std::size_t i = 0; i < scene.site.raised.size(); ++i) {
        const bool runs = i + 1 == scene.site.raised.size();
        const SiteFrame& caller = runs ? scene.site.frames.front() : scene.site.raised[i + 1];
        const SiteCode code(scene.layout, caller, scene.names);
        const auto verdict = judge_given_away(scene, code, scene.site.raised[i].code->name);
        if (verdict) return make_diagnosis(scene, *verdict, &code, &caller, sources, DropCause::kException);
    }
    return make_diagnosis(scene, judge_raised_elsewhere(scene), nullptr, nullptr, sources,
                          DropCause::kException);
}

void about_mock_call(const Scene& scene, Verdict& verdict, const SiteCode& code, SiteCode::Index call) {
    verdict.call = call;
    // A plain function was written for something plain: the mock is wrong, and not the function.
    if (!code.is_async() && scene.loop_running) verdict.repair = Repair::kNone;
    verdict.sentence = code.describe_callee(call) +
                       "() is an AsyncMock, and its result is not awaited: real "
                       "code would have done nothing here";
}

// A mock is called like the function that it stands for: the instruction tells where.
void add_call(const Scene& scene, Verdict& verdict, const SiteCode& code) {
    if (verdict.id != "mock_not_awaited" || !code.current()) return;
    if (!scene.own.is_own(code.code().filename)) return;
    if (!scene.site.raised.empty()) {
        if (const auto giver = find_used_giver(scene, code)) about_mock_call(scene, verdict, code, *giver);
        return;
    }
    const auto operands = code.flow().operands(*code.current());
    const auto made = operands.empty() ? std::nullopt : code.flow().maker(operands.back());
    if (!made || !SiteCode::is_call(code.at(*made).op)) return;
    const auto* stack = code.flow().find_stack(*code.current());
    if (!code.held_at(static_cast<std::uint32_t>(stack->size() - 1)).value_or(false)) return;
    about_mock_call(scene, verdict, code, *made);
}

// A mock's call may be in what an exception left.
std::optional<Diagnosis> diagnose_mock(const Scene& scene, Verdict& verdict, const SiteCode& code,
                                       const SourceLines& sources) {
    if (scene.site.raised.empty()) {
        add_call(scene, verdict, code);
        return std::nullopt;
    }
    const SiteFrame& frame = scene.site.raised.front();
    const SiteCode left(scene.layout, frame, scene.names);
    add_call(scene, verdict, left);
    if (!verdict.call) return std::nullopt;
    return make_diagnosis(scene, verdict, &left, &frame, sources, DropCause::kException);
}

// By the function whose end dropped it.
std::optional<Diagnosis> diagnose_ended(const Scene& scene, DropCause cause, const SourceLines& sources) {
    if (!scene.site.ended) return std::nullopt;
    const SiteCode ended(scene.layout, *scene.site.ended, scene.names);
    const auto verdict = judge_ended(scene, ended);
    if (!verdict) return std::nullopt;
    return make_diagnosis(scene, *verdict, &ended, &*scene.site.ended, sources, cause);
}

std::optional<Verdict> judge_by_code(const Scene& scene, const SiteCode& code) {
    if (auto verdict = judge_given_to_ended(scene, code)) return verdict;
    if (auto verdict = judge_instruction(scene, code)) return verdict;
    if (auto verdict = judge_only_callback(scene, code)) return verdict;
    if (scene.site.frames.size() > 1 && called_by_library(scene, code)) {
        const SiteCode caller(scene.layout, scene.site.frames[1], scene.names);
        if (auto verdict = judge_only_callback(scene, caller)) return verdict;
    }
    if (auto verdict = scene.site.ended ? judge_ended_parameter(scene) : std::nullopt) return verdict;
    return judge_place(scene, true);
}

}  // namespace

std::string Scene::coroutine() const {
    return finding.coroutine.qualname.value_or(names.code_name) + "()";
}

std::string Scene::reference() const {
    const auto& arguments = finding.coroutine.arguments;
    const bool method = arguments && !arguments->empty() && arguments->front().name == "self";
    return (method ? "self." : "") + names.name;
}

bool Scene::is_borrowed_method() const {
    const auto& arguments = finding.coroutine.arguments;
    const std::string qualname = finding.coroutine.qualname.value_or("");
    const auto dot = qualname.rfind('.');
    const bool in_class = dot != std::string::npos && !qualname.substr(0, dot).ends_with("<locals>");
    return !in_class && arguments && !arguments->empty() && arguments->front().name == "self";
}

bool Scene::entered_last() const {
    return site.coroutine && site.last_callee && *site.last_callee == site.coroutine->address;
}

bool Scene::made_by(const SiteCode& code, SiteCode::Index call) const {
    return entered_last() || code.enters_coroutine(call);
}

bool Scene::entered_other() const {
    return site.coroutine && site.last_callee && !entered_last();
}

bool runs_in_loop(const Finding& finding) {
    return finding.dropped.frames && std::ranges::any_of(*finding.dropped.frames, runs_loop);
}

Diagnosis diagnose(const Layout& layout, const DropSite& site, const Finding& finding,
                   const SourceLines& sources, const OwnCode& own) {
    const CoroutineNames names{
        .name = last_part(finding.coroutine.name.value_or(finding.coroutine.qualname.value_or(""))),
        .code_name = site.coroutine ? site.coroutine->name : ""};
    const Scene scene{.layout = layout,
                      .site = site,
                      .finding = finding,
                      .names = names,
                      .own = own,
                      .loop_running = runs_in_loop(finding)};
    const bool collected = finding.dropped.cause == DropCause::kCyclicGc;
    const SiteFrame* frame = site.frames.empty() || collected ? nullptr : &site.frames.front();
    std::optional<SiteCode> code;
    if (frame != nullptr) code.emplace(layout, *frame, names);
    auto verdict = judge_coroutine(scene);
    if (verdict && code) {
        if (auto found = diagnose_mock(scene, *verdict, *code, sources)) return *std::move(found);
    }
    if (!verdict && code) verdict = judge_place(scene);
    DropCause cause = code ? find_instruction_cause(layout, site, *code) : DropCause::kUnknown;
    if (!verdict && code) {
        if (!site.raised.empty()) return diagnose_raised(scene, sources);
        if (auto found = diagnose_ended(scene, cause, sources)) return *std::move(found);
        verdict = judge_by_code(scene, *code);
    }
    if (verdict && verdict->by_exception) cause = DropCause::kException;
    if (!verdict) verdict = judge_operator(scene);
    if (!verdict) verdict = judge_unseen(scene);
    Diagnosis diagnosis = make_diagnosis(scene, *verdict, code ? &*code : nullptr, frame, sources, cause);
    diagnosis.thrown_away = verdict->thrown_away;
    diagnosis.by_parameter = verdict->by_parameter;
    return diagnosis;
}

}  // namespace corotrace
