// SPDX-License-Identifier: MIT
#include "tracer/session/evidence_copier.hpp"

#include <memory>
#include <utility>

#include "cpython_layouts/keep.hpp"
#include "cpython_layouts/objects.hpp"
#include "cpython_layouts/unittest_case.hpp"
#include "tracer/diagnose/warning_fate.hpp"
#include "tracer/process/procfs.hpp"

namespace corotrace {

namespace {

// What the target may have to wait for us while one of its threads stands, at most, of our own time: for the
// stack and the frames, twice, and for the object with the values that it was called with.
constexpr std::chrono::milliseconds kTimeForPlace{4};
constexpr std::chrono::milliseconds kTimeForObject{4};

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

const std::shared_ptr<PageMemory>& shared_pages() {
    static const auto memory = std::make_shared<PageMemory>();
    return memory;
}

}  // namespace

EvidenceCopier::EvidenceCopier(pid_t pid, const ProcessImage& image, SymbolIndex& symbols,
                               const PythonProcess& python, Settings settings)
    : pid_(pid),
      symbols_(symbols),
      layout_(*python.layout),
      runtime_(python.runtime),
      settings_(std::move(settings)),
      pages_(image.memory(), shared_pages()),
      timed_(pages_, settings_.clock),
      thread_states_(layout_, runtime_),
      sources_(image) {
    if (!settings_.native) return;
    if (auto unwinder = NativeUnwinder::make(symbols)) unwinder_.emplace(std::move(unwinder).value());
}

void EvidenceCopier::make_ready() {
    shared_pages()->make_ready();
}

Result<DropEvidence> EvidenceCopier::copy(pid_t tid, const arch::Registers& registers) {
    pages_.clear();
    timed_.allow(kTimeForPlace);
    const Stop stop{.registers = registers, .stub = arch::stub_stop(registers)};
    DropEvidence evidence;
    evidence.layout = &layout_;
    evidence.time = std::chrono::system_clock::now();
    evidence.pid = pid_;
    evidence.tid = tid;
    copy_row(evidence, stop);
    copy_stack_of(evidence, stop);
    evidence.ran_out = timed_.ran_out();
    timed_.allow(kTimeForObject);
    copy_object(evidence, stop.stub.object);
    timed_.allow(kTimeForPlace);
    copy_site(evidence, stop);
    evidence.ran_out = evidence.ran_out || timed_.ran_out();
    if (evidence.ran_out) evidence.notes.emplace_back("not all was read, to keep the stop short");
    if (unwinder_) copy_native(evidence, stop);
    return evidence;
}

void EvidenceCopier::copy_stack_of(DropEvidence& evidence, const Stop& stop) {
    // Other threads run, start and end meanwhile, so their list may change while it is walked.
    constexpr int kTries = 50;
    auto thread = thread_states_.find(timed_, stop.registers.thread_id);
    for (int i = 1; i < kTries && !thread; ++i) {
        pages_.clear();
        thread = thread_states_.find(timed_, stop.registers.thread_id);
    }
    evidence.thread = keep(std::move(thread), "thread state", evidence.notes);
    if (!evidence.thread) return;
    evidence.interpreter = evidence.thread->interpreter;
    evidence.stack = keep(copy_stack(timed_, layout_, codes_, *evidence.thread), "stack", evidence.notes);
    if (evidence.stack) {
        if (auto test = read_unittest_name(timed_, layout_, *evidence.stack))
            evidence.test = *std::move(test);
    }
    evidence.collecting =
        keep(read_gc_collecting(timed_, layout_, runtime_, *evidence.thread), "collector", evidence.notes);
}

void EvidenceCopier::copy_object(DropEvidence& evidence, RemoteAddr object) {
    // The key's tag would do, except for objects that found no row.
    const auto address = read_type(timed_, layout_, object);
    const auto type = address ? types_.find_or_read(timed_, layout_, *address)
                              : Result<std::shared_ptr<const TypeFacts>>(address.error());
    if (type && (*type)->kind == BuiltinKind::kDict) {
        evidence.kind = DropKind::kHandlerCall;
        auto lost = read_lost_task(timed_, layout_, codes_, object);
        if (lost) evidence.lost_task = *std::move(lost);
        return;
    }
    if (type && (*type)->name != "coroutine") {
        evidence.kind = DropKind::kAgenMethod;
        evidence.agen_method = keep(read_agen_method(timed_, layout_, object), "method", evidence.notes);
        if (evidence.agen_method) object = evidence.agen_method->generator;
    }
    evidence.coroutine = keep(read_coroutine(timed_, layout_, codes_, types_, object, settings_.values),
                              "coroutine", evidence.notes);
    if (evidence.agen_method) return;
    if (auto origin = keep(read_origin(timed_, layout_, object), "origin", evidence.notes)) {
        evidence.origin = *std::move(origin);
    }
}

// The stub's caller.
void EvidenceCopier::copy_native(DropEvidence& evidence, const Stop& stop) {
    const arch::StubCaller place = arch::stub_caller(stop.stub, evidence.kind == DropKind::kHandlerCall);
    const auto caller = keep(timed_.read_pointer(place.return_address), "native stack", evidence.notes);
    if (!caller) return;
    const NativeStack stack = unwinder_->unwind(evidence.tid, timed_, *caller, {place.sp});
    auto& frames = evidence.native.emplace();
    for (const RemoteAddr pc : stack.pcs) frames.emplace_back().address = pc.value;
    if (const char* why = describe(stack.end)) evidence.notes.push_back(std::string("native stack ") + why);
}

void EvidenceCopier::complete(DropEvidence& evidence) {
    confirm(evidence);
    if (evidence.kind == DropKind::kHandlerCall && !evidence.lost_task) return;
    if (auto name = read_thread_name(pid_, evidence.tid)) evidence.thread_name = *std::move(name);
    if (evidence.native) name_native(evidence);
    if (!evidence.lost_task) read_warnings(evidence);
    for (const std::string& file : list_files(evidence)) evidence.sources.add(file, sources_.read(file));
}

void EvidenceCopier::confirm(DropEvidence& evidence) {
    pages_.clear();
    const auto codes = codes_.confirm(pages_, layout_);
    const auto types = types_.confirm(pages_, layout_);
    if (!codes || !types) {
        evidence.notes.emplace_back("the process ended before what was read could be confirmed");
        return;
    }
    for (const auto& code : *codes) {
        evidence.notes.push_back("the code of " + code->name +
                                 " was freed at that moment; it is shown as it was at earlier drops");
    }
    for (const auto& type : *types) {
        evidence.notes.push_back("the type " + type->name +
                                 " was freed at that moment; it is shown as it was at earlier drops");
    }
}

void EvidenceCopier::name_native(DropEvidence& evidence) {
    for (NativeFrame& frame : *evidence.native) {
        NativePlace place = find_native_place(symbols_, {frame.address});
        frame.function = std::move(place.function);
        frame.offset = place.offset;
        frame.module = std::move(place.module);
        if (!place.source) continue;
        frame.file = std::move(place.source->file);
        frame.line = place.source->line;
    }
}

void EvidenceCopier::read_warnings(DropEvidence& evidence) {
    std::optional<std::string> blamed;
    if (evidence.stack && !evidence.stack->frames.empty()) {
        const std::string& file = evidence.stack->frames.front().code->filename;
        if (can_be_blamed(file)) blamed = file;
    }
    evidence.warning = warnings_.read(pages_, layout_, evidence.interpreter, blamed);
}

}  // namespace corotrace
