// SPDX-License-Identifier: MIT
#include "tracer/session/warning_watch.hpp"

#include <algorithm>
#include <csignal>
#include <functional>
#include <utility>

#include "cpython_layouts/runtime.hpp"
#include "cpython_layouts/warning_filters.hpp"
#include "tracer/findings/fingerprint.hpp"
#include "tracer/process/event_pump.hpp"
#include "tracer/process/procfs.hpp"

namespace corotrace {

namespace {

constexpr std::chrono::milliseconds kWarningTick{100};
constexpr std::chrono::seconds kLookForFiltersEvery{1};
constexpr std::chrono::seconds kLongestLook{1};
constexpr int kShareOfLooks = 20;  // looking takes us at most one part in so many of the time
constexpr std::size_t kMostWarningSites = 10'000;

constexpr const char* kReadOnly =
    "read-only: nothing is written and no process traced, so drops are neither seen nor counted; reported is "
    "what "
    "Python's "
    "own warnings left, once for each line that they blamed";

constexpr std::string_view kWarningStart = "coroutine ";

std::size_t identify(const ImportedModule& module, const RegisteredWarning& warning) {
    return std::hash<std::string>{}(module.name + '\n' + std::to_string(warning.line) + '\n' + warning.text);
}

FindingKind kind_of(UnawaitedKind kind) {
    switch (kind) {
        case UnawaitedKind::kCoroutine:
            return FindingKind::kCoroutine;
        case UnawaitedKind::kAsend:
            return FindingKind::kAsyncGenAsend;
        case UnawaitedKind::kAthrow:
            return FindingKind::kAsyncGenAthrow;
        case UnawaitedKind::kAclose:
            return FindingKind::kAsyncGenAclose;
    }
    return FindingKind::kCoroutine;
}

Frame make_frame(const std::string& function, std::string file, std::optional<int> line) {
    return {.function = function,
            .name = function,
            .file = std::move(file),
            .line = line,
            .end_line = {},
            .col = {},
            .end_col = {},
            .source = {}};
}

// The blamed line stands for the stack, and where it was created tells one site from another there.
std::string make_fingerprint_of_warning(Finding finding, const OwnCode& own) {
    const BlamedLine& blamed = *finding.blamed;
    finding.dropped.frames = finding.created.frames;
    finding.dropped.frames->push_back(make_frame(blamed.module, blamed.file.value_or(""), blamed.line));
    finding.dropped.frames->back().source = blamed.source;
    return make_fingerprint(finding, own);
}

}  // namespace

WarningWatch::WarningWatch(const AttachOptions& options, const TargetSubject& subject, RunReport& report,
                           const StopRequest& stop)
    : options_(options),
      subject_(subject),
      report_(report),
      stop_(stop),
      filter_(options.include, options.exclude),
      sources_(*subject.image),
      pages_(subject.memory) {}

SessionEnd WarningWatch::run() {
    begin();
    std::optional<EndReason> ended;
    while (!ended) {
        look();
        ended = wait_for_next_look();
    }
    // What was warned of since the last look.
    if (*ended != EndReason::kTargetExited && *ended != EndReason::kTargetExec) look();
    return finish(*ended);
}

void WarningWatch::begin() {
    started_ = Clock::now();
    AttachedFacts facts = subject_.facts;
    facts.read_only = true;
    facts.threads = read_thread_count(options_.pid).value_or(0);
    facts.notes = subject_.python.notes;  // others are about stops
    facts.notes.emplace_back(kReadOnly);
    report_.on_attached(id(), facts);
    note_filters();
}

// Of the main interpreter, the last in the list.
void WarningWatch::note_filters() {
    const Layout& layout = *subject_.python.layout;
    const auto interpreters = read_interpreters(subject_.memory, layout, subject_.python.runtime);
    if (!interpreters || interpreters->empty()) return;
    pages_.clear();
    const auto filters = read_warning_filters(pages_, layout, interpreters->back().address);
    if (!filters) return;
    const auto first = std::ranges::find_if(*filters, &WarningFilter::fits_all);
    if (first == filters->end()) return;
    const std::string& action = first->action;
    if (action == "default" || action == "module" || action == "once") return;
    notes_.push_back(
        "Python keeps no record of warnings under the filter that the program had for RuntimeWarning, '" +
        action + "': there may be more than is reported");
}

std::optional<EndReason> WarningWatch::find_end(Clock::time_point now) const {
    if (stop_.asked()) return EndReason::kStopAsked;
    if (options_.duration && now - started_ >= *options_.duration) return EndReason::kDeadline;
    const auto word = subject_.memory.read_as<std::uint64_t>(subject_.python.runtime);
    if (word || word.error().code != Errc::gone) return std::nullopt;
    // Its memory is gone: with the process, or for that of another program.
    return read_exe(options_.pid) ? EndReason::kTargetExec : EndReason::kTargetExited;
}

std::optional<EndReason> WarningWatch::wait_for_next_look() {
    for (;;) {
        const auto now = Clock::now();
        if (const auto ended = find_end(now)) return ended;
        if (now >= next_look_) return std::nullopt;
        report_.on_progress(progress());
        auto limit = std::min<Clock::duration>(kWarningTick, next_look_ - now);
        if (options_.duration) limit = std::min<Clock::duration>(limit, started_ + *options_.duration - now);
        const auto signal = wait_for_signal(std::max(limit, Clock::duration::zero()));
        if (signal) return end_reason_of(*signal);
    }
}

void WarningWatch::look() {
    const auto began = Clock::now();
    const auto interpreters =
        read_interpreters(subject_.memory, *subject_.python.layout, subject_.python.runtime);
    if (interpreters) {
        for (const Interpreter& interpreter : *interpreters) look_at(interpreter, began + kLongestLook);
    }
    is_first_look_ = false;
    const auto ended = Clock::now();
    next_look_ =
        std::max<Clock::time_point>(began + kLookForFiltersEvery, ended + kShareOfLooks * (ended - began));
}

void WarningWatch::look_at(const Interpreter& interpreter, Clock::time_point until) {
    pages_.clear();
    const auto modules = read_imported_modules(pages_, *subject_.python.layout, interpreter.address);
    if (!modules) return;  // it is starting or ending
    for (const ImportedModule& module : *modules) {
        if (Clock::now() >= until) {
            was_cut_ = true;
            return;
        }
        look_at_module(module);
    }
}

void WarningWatch::look_at_module(const ImportedModule& module) {
    const Layout& layout = *subject_.python.layout;
    const auto warnings = read_registered_warnings(pages_, layout, module.dict, kWarningStart);
    if (!warnings) return;  // most modules have none
    const bool has_new = std::ranges::any_of(
        *warnings, [&](const auto& warning) { return !known_.contains(identify(module, warning)); });
    if (!has_new) return;
    // The program runs on, and frees what we read and uses it for something else: only what is there at a
    // second, fresh look is told. The rest comes next time.
    pages_.clear();
    const auto again = read_registered_warnings(pages_, layout, module.dict, kWarningStart);
    if (!again) return;
    for (const RegisteredWarning& warning : *warnings) {
        if (std::ranges::find(*again, warning) == again->end()) continue;
        // Where warnings are done by Python code, the action "module" adds the same text without its line.
        const bool has_line = warning.line > 0 || std::ranges::none_of(*warnings, [&](const auto& other) {
                                  return other.line > 0 && other.text == warning.text;
                              });
        if (has_line) take(module, warning);
    }
}

void WarningWatch::take(const ImportedModule& module, const RegisteredWarning& warning) {
    if (known_.size() >= kMostWarningSites) {
        was_cut_ = true;
        return;
    }
    if (!known_.insert(identify(module, warning)).second) return;
    const auto parsed = parse_unawaited_warning(warning.text);
    if (!parsed) return;
    Finding finding = make_finding(module, warning, *parsed);
    // Lines of the same text are one fingerprint, and yet each was warned of.
    const std::string line = std::to_string(finding.blamed->line.value_or(0));
    if (!fingerprints_.insert(finding.fingerprint + ':' + line).second) return;
    if (!filter_.accepts(finding)) {
        ++filtered_;
        return;
    }
    sites_.push_back({.first = finding, .count = {}, .sampled = 0, .exact = false});
    report_.on_finding(id(), finding);
}

Finding WarningWatch::make_finding(const ImportedModule& module, const RegisteredWarning& warning,
                                   const UnawaitedWarning& parsed) {
    Finding finding;
    finding.kind = kind_of(parsed.kind);
    finding.time = std::chrono::system_clock::now();
    finding.pid = options_.pid;
    finding.coroutine.qualname = parsed.qualname;
    finding.count = std::nullopt;
    finding.blamed = BlamedLine{.module = module.name, .file = {}, .line = {}, .source = {}};
    auto file = read_module_file(pages_, *subject_.python.layout, module.dict);
    if (file) finding.blamed->file = *std::move(file);
    if (warning.line > 0) finding.blamed->line = warning.line;
    if (!parsed.created.empty()) finding.created.how = CreationSource::kOrigin;
    for (const CreationLine& line : parsed.created) {
        finding.created.frames.push_back(make_frame(line.function, line.file, line.line));
    }
    if (finding.blamed->file && finding.blamed->line)
        finding.blamed->source = sources_.find_line(*finding.blamed->file, *finding.blamed->line);
    for (Frame& frame : finding.created.frames) frame.source = sources_.find_line(frame.file, *frame.line);
    finding.fingerprint = make_fingerprint_of_warning(finding, OwnCode(options_.own));
    finding.notes.emplace_back(
        "the blamed line is the one that ran when the coroutine went away; it need not be at fault");
    if (is_first_look_) {
        finding.notes.emplace_back("warned of before corotrace came: the time is that of reading");
    }
    return finding;
}

Progress WarningWatch::progress() const {
    Progress progress;
    progress.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started_);
    progress.never_awaited = std::nullopt;
    progress.sites = sites_.size();
    return progress;
}

SessionEnd WarningWatch::finish(EndReason reason) {
    Summary summary;
    summary.never_awaited = std::nullopt;
    summary.sites = sites_.size();
    summary.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started_);
    summary.coverage = {.state = CoverageState::kUnknown,
                        .dealloc = {},
                        .warned = {},
                        .why = "drops are not counted (read-only)"};
    summary.ended = describe_end(reason);
    summary.notes = notes_;
    if (was_cut_) summary.notes.emplace_back("there were more modules or warnings than could be read");
    if (filtered_ > 0)
        summary.notes.push_back(std::to_string(filtered_) + " warned lines were left out by the filters");
    report_.on_target_end(id(), sites_, summary);
    return {.summary = std::move(summary), .reason = reason};
}

}  // namespace corotrace
