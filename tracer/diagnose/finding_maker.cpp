// SPDX-License-Identifier: MIT
#include "tracer/diagnose/finding_maker.hpp"

#include <algorithm>
#include <utility>

#include "tracer/diagnose/created_test.hpp"
#include "tracer/diagnose/drop_cause.hpp"
#include "tracer/diagnose/mistake.hpp"
#include "tracer/diagnose/mistake_source.hpp"
#include "tracer/diagnose/mistake_tasks.hpp"
#include "tracer/diagnose/warning_fate.hpp"

namespace corotrace {

namespace {

FindingKind finding_kind(const DropEvidence& evidence) {
    if (evidence.lost_task) return finding_kind(evidence.lost_task->loss);
    if (!evidence.agen_method) return FindingKind::kCoroutine;
    switch (evidence.agen_method->method) {
        case AgenMethod::kAsend:
            return FindingKind::kAsyncGenAsend;
        case AgenMethod::kAthrow:
            return FindingKind::kAsyncGenAthrow;
        case AgenMethod::kAclose:
            break;
    }
    return FindingKind::kAsyncGenAclose;
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

void set_names(CoroutineFacts& facts, const CoroutineReading& reading) {
    facts.name = reading.name;
    facts.qualname = reading.qualname;
    facts.type = "coroutine";
    if (!reading.code) return;
    facts.file = reading.code->filename;
    facts.line = reading.code->first_line;
}

class FindingMaker {
public:
    FindingMaker(const DropEvidence& evidence, const PreviewCaps& caps, const OwnCode& own)
        : evidence_(evidence), layout_(*evidence.layout), caps_(caps), own_(own), site_(evidence.site) {
        // A frame on the data stack cannot be there for another reason.
        if (site_.ended && !site_.ended_for_sure && !can_have_ended(layout_, site_)) site_.ended.reset();
    }

    Finding make() {
        Finding finding;
        finding.kind = finding_kind(evidence_);
        finding.time = evidence_.time;
        finding.pid = evidence_.pid;
        if (evidence_.tid != 0) finding.tid = evidence_.tid;
        finding.thread_name = evidence_.thread_name;
        finding.test = evidence_.test;
        finding.notes = evidence_.notes;
        if (evidence_.task) finding.task = make_task();
        finding.created = make_created(evidence_.lost_task ? evidence_.lost_task->origin : evidence_.origin);
        finding.dropped = make_dropped(finding.notes);
        if (evidence_.lost_task) {
            finding.coroutine = make_lost_coroutine();
            finding.lost_task = make_lost_task(finding.notes);
            const CreatedFacts created = std::exchange(finding.created, {});
            finding.seen = SeenMistake{.mistake = diagnose_lost_task(finding, evidence_.sources)};
            finding.created = created;
            diagnose_by_creation(finding, evidence_.sources, own_);
            finding.created.test = find_created_test(finding);
            return finding;
        }
        finding.coroutine = make_coroutine(finding.notes);
        if (evidence_.warning) finding.warning = find_warning_fate(*evidence_.warning, finding);
        Diagnosis diagnosis = diagnose(layout_, site_, finding, evidence_.sources, own_);
        finding.seen = SeenMistake{.mistake = std::move(diagnosis.mistake),
                                   .thrown_away = diagnosis.thrown_away,
                                   .by_parameter = diagnosis.by_parameter,
                                   .shows_creation = diagnosis.created.has_value()};
        if (finding.dropped.cause == DropCause::kUnknown) finding.dropped.cause = diagnosis.cause;
        if (diagnosis.created && finding.created.how == CreationSource::kUnknown) {
            finding.created.how = CreationSource::kInferred;
            finding.created.frames = {*std::move(diagnosis.created)};
        }
        diagnose_by_creation(finding, evidence_.sources, own_);
        finding.created.test = find_created_test(finding);
        return finding;
    }

private:
    void add_source(Frame& frame) const {
        if (frame.line) frame.source = evidence_.sources.find_line(frame.file, *frame.line);
    }

    [[nodiscard]] std::vector<Frame> make_frames(const std::vector<RawFrame>& raw) const {
        RawStack stack;
        stack.frames = raw;
        std::vector<Frame> frames;
        for (StackFrame& from : resolve_stack(layout_, stack)) {
            frames.push_back({.function = std::move(from.function),
                              .name = std::move(from.name),
                              .file = std::move(from.file),
                              .line = from.position.line,
                              .end_line = from.position.end_line,
                              .col = from.position.col,
                              .end_col = from.position.end_col,
                              .source = {}});
            add_source(frames.back());
        }
        return frames;
    }

    // The interpreter notes the most recent call first.
    [[nodiscard]] CreatedFacts make_created(const std::vector<OriginFrame>& origin) const {
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
            add_source(created.frames.back());
        }
        return created;
    }

    [[nodiscard]] TaskFacts make_task() const {
        TaskFacts task{
            .name = evidence_.task->name, .coroutine = {}, .created = make_created(evidence_.task_origin)};
        if (evidence_.task_coroutine) set_names(task.coroutine, *evidence_.task_coroutine);
        return task;
    }

    [[nodiscard]] DroppedFacts make_dropped(std::vector<std::string>& notes) const {
        DroppedFacts dropped;
        const auto& stack = evidence_.stack;
        dropped.cause = evidence_.lost_task ? find_loss_cause(site_, stack)
                                            : find_outer_cause(layout_, site_, stack.has_value());
        if (dropped.cause == DropCause::kCyclicGc) dropped.collector = find_collector_call(layout_, site_);
        dropped.native = evidence_.native;
        if (!stack) return dropped;
        if (stack->truncated) notes.push_back("stack cut short: " + stack->note);
        auto& frames = dropped.frames.emplace(make_frames(stack->frames));
        if (evidence_.lost_task && !frames.empty() && is_finalizer(frames.back())) frames.pop_back();
        if (!site_.ended) return dropped;
        const SiteFrame& ended = *site_.ended;
        dropped.ended =
            make_frames({{.address = {}, .code = ended.code, .byte_offset = ended.byte_offset}}).front();
        return dropped;
    }

    [[nodiscard]] CoroutineFacts make_lost_coroutine() const {
        CoroutineFacts facts;
        if (evidence_.lost_task->coroutine) set_names(facts, *evidence_.lost_task->coroutine);
        return facts;
    }

    [[nodiscard]] LostTaskFacts make_lost_task(std::vector<std::string>& notes) const {
        const LostTaskReading& reading = *evidence_.lost_task;
        LostTaskFacts facts;
        facts.type = reading.type;
        facts.name = reading.name;
        facts.exception = reading.exception;
        if (reading.awaiting) {
            facts.awaiting = make_frames(reading.awaiting->frames);
            facts.closed = reading.awaiting->closed;
        }
        if (reading.raised) facts.raised = make_frames(*reading.raised);
        notes.insert(notes.end(), reading.notes.begin(), reading.notes.end());
        return facts;
    }

    [[nodiscard]] CoroutineFacts make_coroutine(std::vector<std::string>& notes) const {
        CoroutineFacts facts;
        if (!evidence_.coroutine) return facts;
        const CoroutineReading& reading = *evidence_.coroutine;
        set_names(facts, reading);
        notes.insert(notes.end(), reading.notes.begin(), reading.notes.end());
        // The generator of a dropped asend() may have run long ago: its frame holds no arguments to speak of.
        if (const auto& agen = evidence_.agen_method) {
            const std::string method = method_name(agen->method);
            facts.type =
                agen->method == AgenMethod::kAsend ? "async_generator_asend" : "async_generator_athrow";
            facts.name = method;
            if (facts.qualname) *facts.qualname += "." + method;
            return facts;
        }
        if (evidence_.captured) return facts;
        auto& arguments = facts.arguments.emplace();
        for (const ArgumentFacts& argument : reading.arguments) {
            arguments.push_back(
                {.name = argument.name,
                 .type = argument.type,
                 .value = argument.value ? std::optional(show_value(*argument.value, caps_)) : std::nullopt,
                 .redacted = argument.hidden});
        }
        return facts;
    }

    const DropEvidence& evidence_;
    const Layout& layout_;
    const PreviewCaps& caps_;
    const OwnCode& own_;
    DropSite site_;
};

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

Finding make_finding(const DropEvidence& evidence, const PreviewCaps& caps, const OwnCode& own) {
    return FindingMaker(evidence, caps, own).make();
}

}  // namespace corotrace
