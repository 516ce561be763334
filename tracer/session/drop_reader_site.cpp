// SPDX-License-Identifier: MIT
// The part of DropReader that copies what tells the mistake and the cause.
#include "cpython_layouts/dying_traceback.hpp"
#include "cpython_layouts/ended_frame.hpp"
#include "cpython_layouts/objects.hpp"
#include "tracer/diagnose/drop_cause.hpp"
#include "tracer/probes/site_walk.hpp"
#include "tracer/probes/stub_data.hpp"
#include "tracer/session/drop_reader.hpp"

namespace corotrace {

namespace {

template <typename T>
std::optional<T> only_if_read(Result<T> result) {
    return result ? std::optional(std::move(result).value()) : std::nullopt;
}

}  // namespace

void DropReader::copy_row(Drop& drop, const arch::StubStop& stop) {
    drop.row = stop.row;
    drop.object = stop.object;
    const auto row = timed_.read_as<RawRow>(stop.row);
    if (!row) return;
    drop.key = row->key;
    drop.code = parse_row(*row).code;
}

SiteFrame DropReader::copy_frame(const RawFrame& raw, RemoteAddr object) {
    SiteFrame frame{.code = raw.code, .bytecode = {}, .byte_offset = raw.byte_offset, .held = {}};
    if (auto bytecode = bytecodes_.find_or_read(timed_, layout_, raw.code)) {
        frame.bytecode = std::move(bytecode).value();
        frame.held = only_if_read(find_held_slots(timed_, layout_, *frame.bytecode, raw.address, object));
    }
    return frame;
}

// What cannot be read is left out: mistake and cause are then told from less.
void DropReader::copy_site(Drop& drop, const arch::StubStop& stop, const arch::Registers& registers) {
    constexpr std::size_t kFrames = 2;  // the one that dropped it, and around a comprehension the function
    DropSite& site = drop.site;
    site.collecting = drop.collecting.value_or(false);
    site.main_thread = drop.tid == pid_;
    site.finalizing = only_if_read(read_finalizing(timed_, layout_, runtime_));
    if (drop.kind == ProbeKind::kLostTask) {
        if (drop.stack && thread_) find_task(drop);
        return;
    }
    site.refcount = only_if_read(read_refcount(timed_, layout_, stop.object));
    if (drop.coroutine) site.coroutine = drop.coroutine->code;
    if (!drop.stack || !thread_) return;
    for (const RawFrame& raw : drop.stack->frames) {
        if (site.frames.size() == kFrames) break;
        site.frames.push_back(copy_frame(raw, stop.object));
    }
    if (const auto callee = read_last_callee(timed_, layout_, thread_->address)) site.last_callee = *callee;
    find_task(drop);
    copy_ended(drop, stop, registers);
}

void DropReader::find_task(Drop& drop) {
    auto task = tasks_.find(timed_, layout_, *thread_, *drop.stack);
    if (!task || !*task) return;
    drop.task = *std::move(task);
    const RemoteAddr coroutine = drop.task->coroutine;
    drop.task_coroutine = only_if_read(read_coroutine_names(timed_, layout_, codes_, coroutine));
    if (auto origin = read_origin(timed_, layout_, coroutine)) drop.task_origin = *std::move(origin);
}

void DropReader::copy_ended(Drop& drop, const arch::StubStop& stop, const arch::Registers& registers) {
    DropSite& site = drop.site;
    if (may_drop_exception(layout_, site)) {
        constexpr std::size_t kMost = 6;
        const auto raised =
            find_dying_traceback(timed_, layout_, codes_, RemoteAddr{stop.sp}, registers.general);
        if (raised && !raised->empty()) {
            for (const RawFrame& frame : *raised) {
                if (site.raised.size() < kMost) site.raised.push_back(copy_frame(frame, stop.object));
            }
            site.ended = site.raised.front();
            site.ended_for_sure = true;
            return;
        }
    }
    // The search up to 3.10 is dear, and this answer cheap there.
    if (layout_.frame_rule == FrameRule::kFrameObjects && !can_have_ended(layout_, site)) return;
    std::vector<RemoteAddr> objects;
    if (drop.task) objects.push_back(drop.task->coroutine);
    if (!site.frames.empty() && site.frames.front().held) {
        const auto& others = site.frames.front().held->others;
        objects.insert(objects.end(), others.begin(), others.end());
    }
    const EndedHints hints{.native_stack = {stop.sp}, .registers = registers.general, .objects = objects};
    const auto ended =
        find_ended_frame(timed_, layout_, codes_, types_, *thread_, *drop.stack, stop.object, hints);
    if (!ended || !*ended) return;
    site.ended = copy_frame((*ended)->frame, stop.object);
    site.ended_for_sure = (*ended)->on_data_stack;
    drop.ended_next = (*ended)->is_next;
}

bool tells_place(const Layout& layout, const Drop& drop, const Finding& finding) {
    if (!drop.stack || !drop.thread || drop.ran_out) return false;
    const bool is_collected = finding.dropped.cause == DropCause::kCyclicGc;
    if (is_collected && !drop.site.ended) return true;
    if (drop.stack->truncated || drop.stack->frames.size() > kSureFrames) return false;
    if (drop.site.ended) return drop.ended_next;
    return layout.frame_rule != FrameRule::kFrameObjects || !can_have_ended(layout, drop.site);
}

}  // namespace corotrace
