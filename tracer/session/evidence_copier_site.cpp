// SPDX-License-Identifier: MIT
// The part of EvidenceCopier that copies what tells the mistake and the cause.
#include <algorithm>

#include "cpython_layouts/call_names.hpp"
#include "cpython_layouts/dying_traceback.hpp"
#include "cpython_layouts/ended_frame.hpp"
#include "cpython_layouts/objects.hpp"
#include "tracer/diagnose/drop_cause.hpp"
#include "tracer/probes/stub_data.hpp"
#include "tracer/session/evidence_copier.hpp"

namespace corotrace {

namespace {

template <typename T>
std::optional<T> only_if_read(Result<T> result) {
    return result ? std::optional(std::move(result).value()) : std::nullopt;
}

}  // namespace

// Among the reads that are allowed at least: a drop that is sampled in no row is counted once more by its
// own.
void EvidenceCopier::copy_row(DropEvidence& evidence, const Stop& stop) {
    evidence.row = stop.stub.row;
    evidence.object = stop.stub.object;
    const auto row = timed_.read_as<std::uint64_t>(stop.stub.row);
    const auto code = timed_.read_as<std::uint64_t>(stop.stub.code);
    if (!row || !code) return;
    evidence.key = parse_row(*row, 0).key;
    if (evidence.key != 0) evidence.code = *code;
}

SiteFrame EvidenceCopier::copy_frame(const RawFrame& raw, RemoteAddr object) {
    SiteFrame frame{.code = raw.code, .byte_offset = raw.byte_offset};
    if (auto bytecode = bytecodes_.find_or_read(timed_, layout_, raw.code)) {
        frame.bytecode = std::move(bytecode).value();
        frame.held = only_if_read(find_held_slots(timed_, layout_, *frame.bytecode, raw.address, object));
    }
    return frame;
}

void EvidenceCopier::copy_call_names(const DropEvidence& evidence, SiteFrame& frame, const RawFrame& raw) {
    if (!frame.bytecode || !evidence.coroutine || evidence.agen_method) return;
    auto names = read_call_names(timed_, layout_, *raw.code, *frame.bytecode, raw.address, evidence.object);
    if (names) frame.call_names = std::move(names).value();
}

// What cannot be read is left out: mistake and cause are then told from less.
void EvidenceCopier::copy_site(DropEvidence& evidence, const Stop& stop) {
    constexpr std::size_t kFrames = 2;  // the one that dropped it, and around a comprehension the function
    DropSite& site = evidence.site;
    site.collecting = evidence.collecting.value_or(false);
    site.main_thread = evidence.tid == pid_;
    site.finalizing = only_if_read(read_finalizing(timed_, layout_, runtime_));
    if (evidence.kind == DropKind::kHandlerCall) {
        if (evidence.stack && evidence.thread) copy_task(evidence);
        return;
    }
    site.refcount = only_if_read(read_refcount(timed_, layout_, stop.stub.object));
    if (evidence.coroutine) site.coroutine = evidence.coroutine->code;
    if (!evidence.stack || !evidence.thread) return;
    for (const RawFrame& raw : evidence.stack->frames) {
        if (site.frames.size() == kFrames) break;
        site.frames.push_back(copy_frame(raw, stop.stub.object));
        if (site.frames.size() == 1) copy_call_names(evidence, site.frames.front(), raw);
    }
    if (const auto callee = read_last_callee(timed_, layout_, evidence.thread->address))
        site.last_callee = *callee;
    copy_task(evidence);
    copy_ended(evidence, stop);
}

void EvidenceCopier::copy_task(DropEvidence& evidence) {
    auto task = tasks_.find(timed_, layout_, *evidence.thread, *evidence.stack);
    if (!task || !*task) return;
    evidence.task = *std::move(task);
    const RemoteAddr coroutine = evidence.task->coroutine;
    evidence.task_coroutine = only_if_read(read_coroutine_names(timed_, layout_, codes_, coroutine));
    if (auto origin = read_origin(timed_, layout_, coroutine)) evidence.task_origin = *std::move(origin);
}

void EvidenceCopier::copy_ended(DropEvidence& evidence, const Stop& stop) {
    DropSite& site = evidence.site;
    if (may_drop_exception(layout_, site)) {
        constexpr std::size_t kMost = 16;
        const auto raised =
            find_dying_traceback(timed_, layout_, codes_, RemoteAddr{stop.stub.sp}, stop.registers.general);
        if (raised && !raised->empty()) {
            for (const RawFrame& frame : *raised) {
                if (site.raised.size() < kMost) site.raised.push_back(copy_frame(frame, stop.stub.object));
            }
            copy_call_names(evidence, site.raised.front(), raised->front());
            // It still runs if it caught the exception itself.
            const bool running = std::ranges::any_of(evidence.stack->frames, [&](const RawFrame& frame) {
                return frame.address == raised->front().address;
            });
            if (running) return;
            site.ended = site.raised.front();
            site.ended_for_sure = true;
            return;
        }
    }
    // The search up to 3.10 is dear, and this answer cheap there.
    if (layout_.frame_rule == FrameRule::kFrameObjects && !can_have_ended(layout_, site)) return;
    std::vector<RemoteAddr> objects;
    if (evidence.task) objects.push_back(evidence.task->coroutine);
    if (!site.frames.empty() && site.frames.front().held) {
        const auto& others = site.frames.front().held->others;
        objects.insert(objects.end(), others.begin(), others.end());
    }
    const EndedHints hints{
        .native_stack = {stop.stub.sp}, .registers = stop.registers.general, .objects = objects};
    const auto ended = find_ended_frame(timed_, layout_, codes_, types_, *evidence.thread, *evidence.stack,
                                        stop.stub.object, hints);
    if (!ended || !*ended) return;
    site.ended = copy_frame((*ended)->frame, stop.stub.object);
    copy_call_names(evidence, *site.ended, (*ended)->frame);
    site.ended_for_sure = (*ended)->on_data_stack;
    evidence.ended_next = (*ended)->is_next;
}

}  // namespace corotrace
