// SPDX-License-Identifier: MIT
#include "tracer/session/process_target.hpp"

#include <algorithm>
#include <utility>

#include "cpython_layouts/frame.hpp"
#include "cpython_layouts/runtime.hpp"
#include "tracer/probes/site_walk.hpp"
#include "tracer/process/procfs.hpp"
#include "tracer/session/counts_before.hpp"
#include "tracer/session/forked_to_execute.hpp"

namespace corotrace {

namespace {

ProbeContext make_context(TargetSubject& subject) {
    return {subject.memory, *subject.python.layout, subject.python, subject.symbols};
}

EvidenceCopier::Settings copier_settings(const AttachOptions& options) {
    const bool any = options.show_values || !options.show_value_of.empty();
    return {.values = any ? std::optional(preview_caps(options)) : std::nullopt, .native = options.native};
}

}  // namespace

Status ProcessThreads::seize_all(SeizeOption options) {
    CT_TRY(auto threads, TracedThreads::attach(pid_, options));
    threads_ = std::move(threads);
    return {};
}

Status ProcessThreads::seize_new() {
    if (!threads_) return Error{Errc::gone, 0, "nobody is traced"};
    const auto seized = threads_->seize_new();
    return seized ? Status{} : Status(seized.error());
}

bool ProcessThreads::adopt(pid_t tid) {
    if (!threads_ || !threads_->is_of_target(tid)) return false;
    threads_->add(tid);
    return true;
}

void ProcessThreads::forget(pid_t tid) {
    if (threads_) threads_->forget(tid);
}

std::optional<unsigned> ProcessThreads::read_count() const {
    const auto count = read_thread_count(pid_);
    return count ? std::optional<unsigned>(*count) : std::nullopt;
}

// When all end together each of the others has been told to, or is on its way.
bool ProcessThreads::live_on_without(pid_t tid) const {
    const auto threads = list_threads(pid_);
    if (!threads) return false;
    for (const pid_t other : *threads) {
        if (other == tid) continue;
        const auto is_ending = read_is_ending(pid_, other);
        if (is_ending && !*is_ending) return true;
    }
    return false;
}

std::optional<unsigned> ProcessThreads::read_seccomp_filters() const {
    return corotrace::read_seccomp_filters(pid_);
}

bool ProcessThreads::has_program() const {
    return read_exe(pid_).ok();
}

void ProcessThreads::resume(pid_t tid, int signal) {
    static_cast<void>(ptrace_resume(tid, signal));
}

void ProcessThreads::resume_to_call(pid_t tid, int signal) {
    static_cast<void>(ptrace_resume_to_call(tid, signal));
}

void ProcessThreads::listen(pid_t tid) {
    static_cast<void>(ptrace_listen(tid));
}

void ProcessThreads::let_go(pid_t tid) {
    static_cast<void>(ptrace_let_go(tid));
}

void ProcessThreads::block_signal(pid_t tid, int signal) {
    static_cast<void>(ptrace_block_signal(tid, signal));
}

Result<arch::Registers> ProcessThreads::read_registers(pid_t tid) {
    return ptrace_read_registers(tid);
}

Result<siginfo_t> ProcessThreads::read_siginfo(pid_t tid) {
    return ptrace_read_siginfo(tid);
}

ProcessProbes::ProcessProbes(TargetSubject& subject, bool takes_over)
    : subject_(subject),
      takes_over_(takes_over),
      origins_(subject.memory, *subject.python.layout, subject.python.runtime) {}

Result<std::vector<Status>> ProcessProbes::clear_leftovers(bool inherits, const ServeOthers& serve) {
    std::vector<Status> outcomes;
    const auto found = find_leftovers(subject_.memory, subject_.symbols);
    if (!found) return outcomes;
    // The beat of the parent's corotrace does not go on in a copy of its block.
    if (!inherits && is_watched(subject_.memory, *found, serve)) {
        return Error{Errc::unsupported, 0,
                     "another corotrace watches it (without tracing it just now, see its option --hold); end "
                     "that one first"};
    }
    for (const Leftover& leftover : *found) {
        leftovers_.push_back(leftover.stub);
        outcomes.push_back(take_out(subject_, leftover, inherits, serve, counted_before_));
    }
    return outcomes;
}

bool ProcessProbes::is_in_leftover(RemoteAddr pc) const {
    return std::ranges::any_of(leftovers_, [&](const AddressRange& stub) { return stub.contains(pc); });
}

Result<ProbeControl::Planted> ProcessProbes::plant(const Budget& budget, const ServeOthers& serve) {
    CT_TRY(auto plan, plan_probes(make_context(subject_), budget.announces_exec));
    const auto no_places = plan_places(plan);
    const PlantedProbes::Settings settings{
        .stop_signal = subject_.stop_signal,
        .initial_stops = no_places ? budget.initial_stops : budget.stops_of_place,
        .budget = budget.stops,
        .pid = subject_.pid_in_namespace,
        .walk_depth = no_places ? 0 : kSiteFrames,
        .capture_only = budget.capture_only,
        .many_captures = budget.capture_only || budget.many_captures,
        .counted_before = takes_over_ ? counted_before_ : StubTally{}};
    CT_TRY(auto probes,
           PlantedProbes::plant(subject_.pid, subject_.memory, subject_.symbols, plan, settings, serve));
    probes_.emplace(std::move(probes));
    if (probes_->stopped_to_write()) {
        plan.notes.emplace_back(
            "the kernel lets no program write to the code of a running process (proc_mem.force_override): a "
            "thread is stopped for that, now and at the end");
    }
    return Planted{.cross_check = probes_->counts_warnings(),
                   .counted_before = settings.counted_before.never_awaited(),
                   .no_places = no_places,
                   .notes = std::move(plan.notes)};
}

// The stub follows pointers only where the readers were led to the same by them. Null: so it is.
std::optional<std::string> ProcessProbes::plan_places(ProbePlan& plan) {
    auto walk = plan_site_walk(*subject_.python.layout, subject_.symbols, subject_.python.runtime);
    if (!walk) return walk.error().what;
    plan.walk = *walk;
    walk_ = *std::move(walk);
    return prove_site_walk(subject_.memory, *subject_.python.layout, *walk_, subject_.python.runtime);
}

bool ProcessProbes::grant(const DropEvidence& drop, std::uint32_t stops) {
    return probes_ && probes_->grant(drop.row, stops).ok();
}

ProbeControl::KeyCheck ProcessProbes::check_key(const DropEvidence& drop) {
    if (!probes_ || !walk_ || !drop.thread) return KeyCheck::kUnread;
    if (drop.key == 0 || arch::is_call_key(drop.key)) return KeyCheck::kNoPlace;
    if (drop.code == 0) return KeyCheck::kUnread;
    if (drop.key == drop.code) return KeyCheck::kNoPlace;
    const DropPlace place{.thread_state = drop.thread->address, .object = drop.object, .code = drop.code};
    const auto key = make_site_key(subject_.memory, *walk_, place, kSiteFrames);
    if (!key) return KeyCheck::kUnread;
    if (*key == drop.key) return KeyCheck::kRight;
    // In a free-threaded build another thread may have started the collector since.
    arch::StubWalk without = *walk_;
    without.collecting.reset();
    const auto other = make_site_key(subject_.memory, without, place, kSiteFrames);
    return other && *other != drop.key ? KeyCheck::kWrong : KeyCheck::kUnread;
}

bool ProcessProbes::prove_places(const DropEvidence& drop) {
    if (!probes_ || !walk_ || !drop.thread) return false;
    CodeCache codes;
    const auto proved =
        check_site_walk(subject_.memory, *subject_.python.layout, *walk_, codes, *drop.thread);
    return proved && proved->value_or(false) && probes_->walk(kSiteFrames).ok();
}

bool ProcessProbes::prove_places() {
    if (!probes_ || !walk_) return false;
    const auto why =
        prove_site_walk(subject_.memory, *subject_.python.layout, *walk_, subject_.python.runtime);
    return !why && probes_->walk(kSiteFrames).ok();
}

void ProcessProbes::give_up_places() {
    if (probes_) static_cast<void>(probes_->walk(0));
}

bool ProcessProbes::is_stop_place(RemoteAddr pc) const {
    return probes_ && (pc == probes_->stop_pc() || pc == probes_->unblocked_pc());
}

bool ProcessProbes::is_unblocked_place(RemoteAddr pc) const {
    return probes_ && pc == probes_->unblocked_pc();
}

bool ProcessProbes::announces_exec(const arch::Registers& registers) const {
    return arch::stub_stop(registers).object.is_null();
}

Result<StubCounters> ProcessProbes::read_counters() const {
    return probes_ ? probes_->read_counters() : Error{Errc::gone, 0, "no probes"};
}

Result<std::vector<StubRow>> ProcessProbes::read_rows() const {
    return probes_ ? probes_->read_rows() : Error{Errc::gone, 0, "no probes"};
}

std::vector<StubCapture> ProcessProbes::take_captures() {
    if (!probes_) return {};
    auto taken = probes_->take_captures();
    return taken ? std::move(taken).value() : std::vector<StubCapture>{};
}

void ProcessProbes::write_beat(std::uint32_t beat) {
    if (probes_) static_cast<void>(write_stub_beat(subject_.memory, probes_->data(), beat));
}

void ProcessProbes::capture_only(bool only) {
    if (probes_) static_cast<void>(probes_->capture_only(only));
}

void ProcessProbes::write_budget(std::int64_t stops) {
    if (probes_) static_cast<void>(write_stub_budget(subject_.memory, probes_->data(), stops));
}

void ProcessProbes::write_initial_stops(std::uint32_t stops) {
    if (probes_) static_cast<void>(write_stub_initial_stops(subject_.memory, probes_->data(), stops));
}

void ProcessProbes::grant(std::size_t row, std::uint32_t stops) {
    if (probes_) static_cast<void>(probes_->grant(row, stops));
}

bool ProcessProbes::has_slot(RemoteAddr slot) const {
    return probes_ && probes_->has_slot(slot);
}

Status ProcessProbes::add_slot(const SlotPlan& plan) {
    return probes_ ? probes_->add_slot(plan) : Error{Errc::gone, 0, "no probes"};
}

void ProcessProbes::forget_slot(RemoteAddr slot) {
    if (probes_) static_cast<void>(probes_->forget_slot(slot));
}

Status ProcessProbes::align_cross_check(std::uint64_t count) {
    return probes_ ? write_stub_warned(subject_.memory, probes_->data(), count) : Status{};
}

Status ProcessProbes::let_cross_check_count() {
    return probes_ ? probes_->let_cross_check_count() : Status{};
}

// Written before the first thread state is.
Status ProcessProbes::record_origins(int steady, int deep) {
    CT_TRY(const auto before,
           read_highest_origin_depth(subject_.memory, *subject_.python.layout, subject_.python.runtime));
    const OriginRecord record{.before = before, .steady = steady, .deep = deep};
    return write_stub_origin(subject_.memory, probes_->data(), record);
}

void ProcessProbes::apply_origins(int depth) {
    if (depth != 0 || origins_.is_on()) static_cast<void>(origins_.apply(depth));
}

std::vector<std::string> ProcessProbes::put_back_origins() {
    return origins_.put_back();
}

void ProcessProbes::stop_counting() {
    if (probes_) static_cast<void>(probes_->stop_counting());
}

void ProcessProbes::abandon() {
    if (probes_) probes_->abandon();
    probes_.reset();
    origins_.abandon();
}

Status ProcessProbes::remove(const ServeOthers& serve) {
    if (!probes_) return {};
    auto done = probes_->remove(serve);
    probes_.reset();
    return done;
}

ProcessReader::ProcessReader(TargetSubject& subject, const AttachOptions& options)
    : subject_(subject),
      drops_(subject.pid, *subject.image, subject.symbols, subject.python, copier_settings(options)),
      test_(subject.memory, subject.symbols) {}

Result<DropEvidence> ProcessReader::copy_drop(pid_t tid, const arch::Registers& registers) {
    CT_TRY(auto evidence, drops_.copy(tid, registers));
    if (auto test = test_.read()) evidence.test = std::move(test);
    places_.add(evidence);
    return evidence;
}

std::optional<DropEvidence> ProcessReader::copy_capture(const StubCapture& capture, const std::string& why) {
    auto evidence = drops_.copy_capture(capture, why);
    if (!evidence) return std::nullopt;
    evidence->test = test_.read();
    places_.add(*evidence);
    return std::move(evidence).value();
}

std::vector<std::uint64_t> ProcessReader::find_reused_places(CodeLook look) {
    const Layout& layout = *subject_.python.layout;
    switch (look) {
        case CodeLook::kSome:
            return places_.find_reused(subject_.memory, layout, PlaceCodes::kEachTime);
        case CodeLook::kExiting:
            return places_.find_reused(subject_.memory, layout, PlaceCodes::kMostCodes);
        case CodeLook::kLeaving:
            break;
    }
    return places_.find_gone(subject_.memory, layout);
}

Result<std::vector<Interpreter>> ProcessReader::read_interpreters() const {
    return corotrace::read_interpreters(subject_.memory, *subject_.python.layout, subject_.python.runtime);
}

Result<std::uint64_t> ProcessReader::count_modules(RemoteAddr interpreter) const {
    return corotrace::count_modules(subject_.memory, *subject_.python.layout, interpreter);
}

bool ProcessReader::has_attribute(RemoteAddr interpreter, const char* module, const char* name) const {
    return find_module_attribute(subject_.memory, *subject_.python.layout, interpreter, module, name).ok();
}

Result<SlotPlan> ProcessReader::plan_warning_slot(RemoteAddr interpreter) const {
    return corotrace::plan_warning_slot(make_context(subject_), interpreter);
}

Result<SlotPlan> ProcessReader::plan_task_slot(RemoteAddr interpreter) const {
    return plan_lost_task_slot(make_context(subject_), interpreter);
}

bool ProcessReader::sees_calls_of_python() const {
    return subject_.python.layout->calls_by_vectorcall;
}

std::string ProcessReader::layout_name() const {
    return std::string(subject_.python.layout->name);
}

bool ProcessReader::is_forked_to_execute(const arch::Registers& registers) const {
    return corotrace::is_forked_to_execute(subject_, registers);
}

bool ProcessReader::has_one_lock() const {
    const auto interpreters = read_interpreters();
    return interpreters && interpreters->size() == 1 && subject_.python.layout->object.ref_local == kAbsent;
}

std::optional<RowName> ProcessReader::read_row_name(RemoteAddr object, bool is_call) const {
    const Layout& layout = *subject_.python.layout;
    RowName name;
    const bool is_third = is_call && (object.value & arch::StubCallKey::kThird) != 0;
    if (is_third) object.value &= ~arch::StubCallKey::kThird;
    const auto code = Code::read(subject_.memory, layout, object);
    if (is_call) {
        const auto loss = code ? is_third ? TaskLoss::kTaskException : TaskLoss::kDestroyedPending
                               : guess_loss(subject_.memory, layout, object).value_or(std::nullopt);
        if (!loss) return std::nullopt;
        name.loss = *loss;
    }
    if (!code) return is_call ? std::optional(name) : std::nullopt;
    name.coroutine.name = code->name;
    name.coroutine.qualname = code->qualname;
    name.coroutine.file = code->filename;
    name.coroutine.line = code->first_line;
    return name;
}

}  // namespace corotrace
