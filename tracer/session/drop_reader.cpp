// SPDX-License-Identifier: MIT
#include "tracer/session/drop_reader.hpp"

#include <algorithm>
#include <utility>

#include "cpython_layouts/objects.hpp"
#include "tracer/diagnose/drop_cause.hpp"
#include "tracer/diagnose/mistake_tasks.hpp"
#include "tracer/diagnose/warning_fate.hpp"
#include "tracer/findings/fingerprint.hpp"
#include "tracer/process/procfs.hpp"

namespace corotrace {

namespace {

// Keeps what a read gave, or notes why it gave nothing.
template <typename T>
std::optional<T> keep(Result<T> result, const char* what, std::vector<std::string>& notes) {
    if (result) return std::move(result).value();
    notes.push_back(std::string(what) + " unreadable: " + result.error().what);
    return std::nullopt;
}

// What the target may have to wait for us while one of its threads stands, at most, of our own time: for the
// stack and the frames, twice, and for the object with the values that it was called with.
constexpr std::chrono::milliseconds kTimeForPlace{4};
constexpr std::chrono::milliseconds kTimeForObject{4};

FindingKind finding_kind(const Drop& drop) {
    if (drop.lost_task) return finding_kind(drop.lost_task->loss);
    if (!drop.agen_method) return FindingKind::kCoroutine;
    switch (drop.agen_method->method) {
        case AgenMethod::kAsend:
            return FindingKind::kAsyncGenAsend;
        case AgenMethod::kAthrow:
            return FindingKind::kAsyncGenAthrow;
        case AgenMethod::kAclose:
            break;
    }
    return FindingKind::kAsyncGenAclose;
}

// Why a native stack is not whole; null if it is.
const char* describe(StackEnd end) {
    switch (end) {
        case StackEnd::kOutermost:
            return nullptr;
        case StackEnd::kUnknownCode:
            return "ends at code without unwind information";
        case StackEnd::kDepth:
            return "cut at its greatest depth";
        case StackEnd::kTime:
            break;
    }
    return "cut to keep the stop short";
}

Frame make_frame(const StackFrame& from) {
    return {.function = from.function,
            .name = from.name,
            .file = from.file,
            .line = from.position.line,
            .end_line = from.position.end_line,
            .col = from.position.col,
            .end_col = from.position.end_col,
            .source = {}};
}

// The collector finalizes whole cycles; whatever else it frees went with one.
DropCause find_loss_cause(const DropSite& site, const std::optional<RawStack>& stack) {
    if (site.collecting) return DropCause::kCyclicGc;
    if (site.finalizing.value_or(false)) return DropCause::kShutdown;
    return stack && !stack->frames.empty() ? DropCause::kRefcount : DropCause::kUnknown;
}

// That of a task or future in Python, which runs when it is dropped and does not drop it.
bool is_finalizer(const Frame& frame) {
    return frame.name == "__del__" &&
           (frame.file.ends_with("/asyncio/tasks.py") || frame.file.ends_with("/asyncio/futures.py"));
}

// The interpreter notes the most recent call first.
CreatedFacts make_created(const std::vector<OriginFrame>& origin) {
    CreatedFacts created;
    if (origin.empty()) return created;
    created.how = CreationSource::kOrigin;
    for (auto from = origin.rbegin(); from != origin.rend(); ++from) {
        created.frames.push_back({.function = from->function,
                                  .name = from->function,
                                  .file = from->file,
                                  .line = from->line,
                                  .end_line = {},
                                  .col = {},
                                  .end_col = {},
                                  .source = {}});
    }
    return created;
}

void set_names(CoroutineFacts& facts, const CoroutineReading& reading) {
    facts.name = reading.name;
    facts.qualname = reading.qualname;
    facts.type = "coroutine";
    if (!reading.code) return;
    facts.file = reading.code->filename;
    facts.line = reading.code->first_line;
}

TaskFacts make_task(const Drop& drop) {
    TaskFacts task{.name = drop.task->name, .coroutine = {}, .created = make_created(drop.task_origin)};
    if (drop.task_coroutine) set_names(task.coroutine, *drop.task_coroutine);
    return task;
}

const char* method_name(AgenMethod method) {
    switch (method) {
        case AgenMethod::kAsend:
            return "asend";
        case AgenMethod::kAthrow:
            return "athrow";
        case AgenMethod::kAclose:
            break;
    }
    return "aclose";
}

}  // namespace

FindingKind finding_kind(TaskLoss loss) {
    switch (loss) {
        case TaskLoss::kDestroyedPending:
            return FindingKind::kTaskDestroyedPending;
        case TaskLoss::kTaskException:
            return FindingKind::kTaskExceptionNeverRetrieved;
        case TaskLoss::kFutureException:
            break;
    }
    return FindingKind::kFutureExceptionNeverRetrieved;
}

DropReader::DropReader(pid_t pid, const ProcessMemory& memory, SymbolIndex& symbols,
                       const PythonProcess& python, const Settings& settings)
    : pid_(pid),
      symbols_(symbols),
      layout_(*python.layout),
      runtime_(python.runtime),
      settings_(settings),
      pages_(memory),
      timed_(pages_),
      thread_states_(layout_, runtime_),
      sources_(pid) {
    if (!settings.native) return;
    if (auto unwinder = NativeUnwinder::make(symbols)) unwinder_.emplace(std::move(unwinder).value());
}

Result<Drop> DropReader::copy(pid_t tid, const arch::Registers& registers) {
    pages_.clear();
    timed_.allow(kTimeForPlace);
    const arch::StubStop stop = arch::stub_stop(registers);
    Drop drop;
    drop.time = std::chrono::system_clock::now();
    drop.tid = tid;
    copy_row(drop, stop);
    copy_stack_of(drop, registers);
    drop.thread = thread_;
    drop.ran_out = timed_.ran_out();
    timed_.allow(kTimeForObject);
    copy_object(drop, stop.object);
    timed_.allow(kTimeForPlace);
    copy_site(drop, stop, registers);
    drop.ran_out = drop.ran_out || timed_.ran_out();
    if (unwinder_) copy_native(drop, stop);
    return drop;
}

// The stub's caller.
void DropReader::copy_native(Drop& drop, const arch::StubStop& stop) {
    const arch::StubCaller place = arch::stub_caller(stop, drop.kind == ProbeKind::kLostTask);
    const auto caller = keep(timed_.read_pointer(place.return_address), "native stack", drop.notes);
    if (!caller) return;
    drop.native = unwinder_->unwind(drop.tid, timed_, *caller, {place.sp});
}

void DropReader::copy_object(Drop& drop, RemoteAddr object) {
    const auto caps = settings_.show_values ? std::optional(settings_.caps) : std::nullopt;
    // The key's tag would do but for objects that found no row.
    const auto address = read_type(timed_, layout_, object);
    const auto type = address ? types_.find_or_read(timed_, layout_, *address)
                              : Result<std::shared_ptr<const TypeFacts>>(address.error());
    if (type && (*type)->kind == BuiltinKind::kDict) {
        drop.kind = ProbeKind::kLostTask;
        auto lost = read_lost_task(timed_, layout_, codes_, object);
        if (lost) drop.lost_task = *std::move(lost);
        return;
    }
    if (type && (*type)->name != "coroutine") {
        drop.kind = (*type)->name == "async_generator_asend" ? ProbeKind::kAsend : ProbeKind::kAthrow;
        drop.agen_method = keep(read_agen_method(timed_, layout_, object), "method", drop.notes);
        if (drop.agen_method) object = drop.agen_method->generator;
    }
    drop.coroutine =
        keep(read_coroutine(timed_, layout_, codes_, types_, object, caps), "coroutine", drop.notes);
    if (drop.agen_method) return;
    if (auto origin = keep(read_origin(timed_, layout_, object), "origin", drop.notes)) {
        drop.origin = *std::move(origin);
    }
}

void DropReader::copy_stack_of(Drop& drop, const arch::Registers& registers) {
    // Other threads run on, start and end, so that a reader of their list may be led astray.
    constexpr int kTries = 50;
    auto thread = thread_states_.find(timed_, registers.thread_id);
    for (int i = 1; i < kTries && !thread; ++i) {
        pages_.clear();
        thread = thread_states_.find(timed_, registers.thread_id);
    }
    thread_ = keep(std::move(thread), "thread state", drop.notes);
    if (!thread_) return;
    drop.interpreter = thread_->interpreter;
    drop.stack = keep(copy_stack(timed_, layout_, codes_, *thread_), "stack", drop.notes);
    drop.collecting = keep(read_gc_collecting(timed_, layout_, runtime_, *thread_), "collector", drop.notes);
}

void DropReader::confirm(Drop& drop) {
    pages_.clear();
    const auto codes = codes_.confirm(pages_, layout_);
    const auto types = types_.confirm(pages_, layout_);
    if (!codes || !types) {
        drop.notes.emplace_back("the process ended before what was read could be confirmed");
        return;
    }
    for (const auto& code : *codes) {
        drop.notes.push_back("the code of " + code->name +
                             " was freed at that moment; it is shown as it was at earlier drops");
    }
    for (const auto& type : *types) {
        drop.notes.push_back("the type " + type->name +
                             " was freed at that moment; it is shown as it was at earlier drops");
    }
}

Finding DropReader::make_finding(Drop& drop) {
    // A frame on the data stack cannot be there for another reason.
    DropSite& site = drop.site;
    if (site.ended && !site.ended_for_sure && !can_have_ended(layout_, site)) site.ended.reset();
    Finding finding;
    finding.kind = finding_kind(drop);
    finding.time = drop.time;
    finding.pid = pid_;
    finding.tid = drop.tid;
    if (auto name = read_thread_name(pid_, drop.tid)) finding.thread_name = std::move(name).value();
    finding.notes = drop.notes;
    if (drop.task) finding.task = make_task(drop);
    finding.test = drop.test;
    finding.created = make_created(drop.lost_task ? drop.lost_task->origin : drop.origin);
    fill_coroutine(drop, finding);
    if (drop.lost_task) fill_lost_task(drop, finding);
    fill_dropped(drop, finding);
    if (drop.native) fill_native(*drop.native, finding);
    return finding;
}

void DropReader::add_source(Finding& finding) {
    const auto add = [&](Frame& frame) {
        if (frame.line) frame.source = sources_.find_line(frame.file, *frame.line);
    };
    if (finding.dropped.ended) add(*finding.dropped.ended);
    const auto add_all = [&](std::optional<std::vector<Frame>>& frames) {
        if (!frames) return;
        for (Frame& frame : *frames) add(frame);
    };
    if (finding.lost_task) {
        add_all(finding.lost_task->awaiting);
        add_all(finding.lost_task->raised);
    }
    for (Frame& frame : finding.created.frames) {
        if (!frame.source) add(frame);
    }
    if (finding.task) std::ranges::for_each(finding.task->created.frames, add);
    add_all(finding.dropped.frames);
}

void DropReader::add_mistake(const Drop& drop, Finding& finding) {
    if (finding.lost_task) {
        finding.mistake = diagnose_lost_task(finding, sources_);
        return;
    }
    constexpr std::size_t kMostSites = 10000;
    std::string site = make_fingerprint(finding) + (drop.site.collecting ? "c" : "");
    const auto& frames = finding.dropped.frames;
    if (frames && !frames->empty()) site += frames->back().file;  // which the fingerprint does not contain
    // Several places of one library function may be one site, where they mean different mistakes.
    if (!drop.site.frames.empty() && drop.site.frames.front().byte_offset) {
        site += '@' + std::to_string(*drop.site.frames.front().byte_offset);
    }
    auto known = diagnoses_.find(site);
    if (known == diagnoses_.end()) {
        if (diagnoses_.size() >= kMostSites) diagnoses_.clear();
        known =
            diagnoses_
                .emplace(site, SiteDiagnosis{diagnose(layout_, drop.site, finding, sources_),
                                             find_warning_fate(pages_, layout_, drop.interpreter, finding)})
                .first;
    }
    const auto& [diagnosis, warning] = known->second;
    finding.warning = warning;
    finding.mistake = diagnosis.mistake;
    if (finding.dropped.cause == DropCause::kUnknown) finding.dropped.cause = diagnosis.cause;
    if (diagnosis.created && finding.created.how == CreationSource::kUnknown) {
        finding.created = {CreationSource::kInferred, {*diagnosis.created}};
    }
}

void DropReader::fill_coroutine(const Drop& drop, Finding& finding) const {
    if (!drop.coroutine) return;
    const CoroutineReading& reading = *drop.coroutine;
    CoroutineFacts& facts = finding.coroutine;
    set_names(facts, reading);
    if (drop.agen_method) {
        const std::string method = method_name(drop.agen_method->method);
        facts.type = "async_generator_" + std::string(drop.kind == ProbeKind::kAsend ? "asend" : "athrow");
        facts.name = method;
        if (facts.qualname) *facts.qualname += "." + method;
    }
    // The generator of a dropped asend() may have run long ago: its frame holds no arguments to speak of.
    if (!drop.agen_method) {
        auto& arguments = facts.arguments.emplace();
        for (const ArgumentFacts& argument : reading.arguments) {
            arguments.push_back({.name = argument.name,
                                 .type = argument.type,
                                 .value = argument.value
                                              ? std::optional(show_value(*argument.value, settings_.caps))
                                              : std::nullopt,
                                 .redacted = argument.hidden});
        }
    }
    finding.notes.insert(finding.notes.end(), reading.notes.begin(), reading.notes.end());
}

std::vector<Frame> DropReader::make_frames(const std::vector<RawFrame>& frames) const {
    RawStack stack;
    stack.frames = frames;
    std::vector<Frame> made;
    for (const StackFrame& from : resolve_stack(layout_, stack)) made.push_back(make_frame(from));
    return made;
}

void DropReader::fill_lost_task(const Drop& drop, Finding& finding) const {
    const LostTaskReading& reading = *drop.lost_task;
    LostTaskFacts& facts = finding.lost_task.emplace();
    facts.type = reading.type;
    facts.name = reading.name;
    facts.exception = reading.exception;
    if (reading.awaiting) {
        facts.awaiting = make_frames(reading.awaiting->frames);
        facts.closed = reading.awaiting->closed;
    }
    if (reading.raised) facts.raised = make_frames(*reading.raised);
    finding.notes.insert(finding.notes.end(), reading.notes.begin(), reading.notes.end());
    if (reading.coroutine) set_names(finding.coroutine, *reading.coroutine);
}

void DropReader::fill_dropped(const Drop& drop, Finding& finding) const {
    finding.dropped.cause = drop.lost_task ? find_loss_cause(drop.site, drop.stack)
                                           : find_outer_cause(layout_, drop.site, drop.stack.has_value());
    if (finding.dropped.cause == DropCause::kCyclicGc) {
        finding.dropped.collector = find_collector_call(layout_, drop.site);
    }
    if (!drop.stack) return;
    if (drop.stack->truncated) finding.notes.push_back("stack cut short: " + drop.stack->note);
    auto& frames = finding.dropped.frames.emplace();
    frames = make_frames(drop.stack->frames);
    if (drop.lost_task && !frames.empty() && is_finalizer(frames.back())) frames.pop_back();
    if (!drop.site.ended) return;
    const SiteFrame& ended = *drop.site.ended;
    finding.dropped.ended =
        make_frames({{.address = {}, .code = ended.code, .byte_offset = ended.byte_offset}}).front();
}

void DropReader::fill_native(const NativeStack& stack, Finding& finding) {
    auto& frames = finding.dropped.native.emplace();
    for (const RemoteAddr pc : stack.pcs) {
        NativePlace place = find_native_place(symbols_, pc);
        auto& frame = frames.emplace_back(NativeFrame{.address = pc.value,
                                                      .function = std::move(place.function),
                                                      .offset = place.offset,
                                                      .module = std::move(place.module),
                                                      .file = {},
                                                      .line = {}});
        if (!place.source) continue;
        frame.file = std::move(place.source->file);
        frame.line = place.source->line;
    }
    if (const char* why = describe(stack.end)) finding.notes.push_back(std::string("native stack ") + why);
}

}  // namespace corotrace
