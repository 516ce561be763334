// SPDX-License-Identifier: MIT
// FakeTarget: a target without a process, by which a test drives a TargetSession: it says what the target's
// threads and memory hold, and keeps what the session did. FakeReport keeps what the session told.
#pragma once

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/evidence.hpp"
#include "tracer/findings/run_report.hpp"
#include "tracer/process/stop_event.hpp"
#include "tracer/session/live_target.hpp"

namespace corotrace {

struct FakeThreads final : ThreadControl {
    std::set<pid_t> traced;
    std::set<pid_t> all{100};  // that the process has
    std::vector<std::pair<pid_t, int>> resumed;
    std::vector<std::pair<pid_t, int>> resumed_to_call;
    std::vector<pid_t> released;
    std::map<pid_t, arch::Registers> registers;
    pid_t sender = 100;  // of signals
    Status seizing;
    SeizeOption option = SeizeOption::kNone;
    bool others_live = false;
    bool runs_program = true;
    std::optional<unsigned> filters = 0;

    [[nodiscard]] Status seize_all(SeizeOption options) override {
        option = options;
        if (!seizing) return seizing.error();
        traced = all;
        return {};
    }
    [[nodiscard]] Status seize_new() override {
        traced = all;
        return {};
    }
    void lose() override { traced.clear(); }
    [[nodiscard]] bool has(pid_t tid) const override { return traced.contains(tid); }
    [[nodiscard]] std::size_t size() const override { return traced.size(); }
    [[nodiscard]] bool adopt(pid_t tid) override { return all.contains(tid) && traced.insert(tid).second; }
    void forget(pid_t tid) override {
        traced.erase(tid);
        all.erase(tid);
    }
    [[nodiscard]] std::optional<unsigned> read_count() const override {
        return static_cast<unsigned>(all.size());
    }
    [[nodiscard]] bool live_on_without(pid_t) const override { return others_live; }
    [[nodiscard]] std::optional<unsigned> read_seccomp_filters() const override { return filters; }
    [[nodiscard]] bool has_program() const override { return runs_program; }
    void resume(pid_t tid, int signal) override { resumed.emplace_back(tid, signal); }
    void resume_to_call(pid_t tid, int signal) override { resumed_to_call.emplace_back(tid, signal); }
    void listen(pid_t) override {}
    void let_go(pid_t tid) override { released.push_back(tid); }
    void block_signal(pid_t, int) override {}
    [[nodiscard]] Result<arch::Registers> read_registers(pid_t tid) override { return registers[tid]; }
    [[nodiscard]] Result<siginfo_t> read_siginfo(pid_t) override {
        siginfo_t info{};
        info.si_code = SI_TKILL;
        info.si_pid = sender;
        return info;
    }
};

struct FakeProbes final : ProbeControl {
    static constexpr RemoteAddr kStop{0x1000};

    StubCounters counters;
    std::vector<StubRow> rows{StubRow{}};
    std::vector<StubCapture> captures;
    bool captures_only = false;
    bool captures_fail = false;  // for want of memory
    bool announces = false;      // what stops
    bool readable = true;
    Errc unread = Errc::gone;  // why not
    bool rows_readable = true;
    bool planted = false;
    bool removed = false;
    bool cross_check = true;
    bool independent = false;
    Status planting;
    int failures_left = std::numeric_limits<int>::max();  // of planting, if it says an error
    std::int64_t budget = -1;
    std::set<RemoteAddr> slots;
    std::size_t room = 24;  // for slots
    int depth = 0;
    bool has_stopped_counting = false;
    std::optional<std::string> no_places = "fake";
    KeyCheck key = KeyCheck::kRight;
    bool proves_places = false;
    bool gave_up_places = false;
    std::uint32_t beat = 0;
    Status unwatched;
    bool abandoned = false;
    std::uint32_t initial_stops = 0;
    std::map<std::uint64_t, std::uint32_t> granted;  // by key
    int removals = 0;
    Status removing;

    [[nodiscard]] Result<std::vector<Status>> clear_leftovers(bool, const ServeOthers&) override {
        if (!unwatched) return unwatched.error();
        return std::vector<Status>{};
    }
    [[nodiscard]] bool is_in_leftover(RemoteAddr) const override { return false; }
    [[nodiscard]] Result<Planted> plant(const Budget& asked, const ServeOthers&) override {
        if (!planting && failures_left-- > 0) return planting.error();
        planted = true;
        budget = asked.stops;
        captures_only = asked.capture_only;
        initial_stops = no_places ? asked.initial_stops : asked.stops_of_place;
        return Planted{.cross_check = cross_check, .no_places = no_places, .notes = {}};
    }
    [[nodiscard]] bool is_planted() const override { return planted && !removed; }
    [[nodiscard]] bool is_stop_place(RemoteAddr pc) const override { return pc == kStop; }
    [[nodiscard]] bool is_unblocked_place(RemoteAddr) const override { return false; }
    [[nodiscard]] bool announces_exec(const arch::Registers&) const override { return announces; }
    [[nodiscard]] Result<StubCounters> read_counters() const override {
        if (!readable) return Error{unread, 0, "fake"};
        return counters;
    }
    [[nodiscard]] Result<std::vector<StubRow>> read_rows() const override {
        if (!readable || !rows_readable) return Error{Errc::gone, 0, "fake"};
        return rows;
    }
    [[nodiscard]] std::vector<StubCapture> take_captures() override {
        if (captures_fail) throw std::bad_alloc();
        return std::exchange(captures, {});
    }
    void write_beat(std::uint32_t now) override { beat = now; }
    void capture_only(bool only) override { captures_only = only; }
    void write_budget(std::int64_t stops) override { budget = stops; }
    void write_initial_stops(std::uint32_t stops) override { initial_stops = stops; }
    void grant(std::size_t, std::uint32_t) override {}
    bool grant(const DropEvidence& drop, std::uint32_t stops) override {
        granted[drop.key] = stops;
        return true;
    }
    [[nodiscard]] KeyCheck check_key(const DropEvidence&) override { return key; }
    [[nodiscard]] bool prove_places(const DropEvidence&) override { return proves_places; }
    [[nodiscard]] bool prove_places() override { return proves_places; }
    void give_up_places() override { gave_up_places = true; }
    [[nodiscard]] bool has_slot(RemoteAddr slot) const override { return slots.contains(slot); }
    [[nodiscard]] Status add_slot(const SlotPlan& plan) override {
        if (slots.size() >= room) return Error{Errc::not_found, 0, "no room for a further slot"};
        slots.insert(plan.slot);
        return {};
    }
    void forget_slot(RemoteAddr slot) override { slots.erase(slot); }
    [[nodiscard]] Status align_cross_check(std::uint64_t count) override {
        counters.warned = count;
        return {};
    }
    [[nodiscard]] Status let_cross_check_count() override {
        independent = true;
        return {};
    }
    [[nodiscard]] bool is_tracking_origins() const override { return depth > 0; }
    [[nodiscard]] Status record_origins(int, int) override { return {}; }
    void apply_origins(int wanted) override { depth = wanted; }
    [[nodiscard]] std::vector<std::string> put_back_origins() override {
        depth = 0;
        return {};
    }
    void stop_counting() override { has_stopped_counting = true; }
    void abandon() override {
        planted = false;
        abandoned = true;
    }
    [[nodiscard]] Status remove(const ServeOthers& serve) override {
        ++removals;
        serve();
        removed = true;
        return removing;
    }
};

struct FakeReader final : TargetReader {
    std::string coroutine = "forgotten";
    std::vector<Interpreter> interpreters{{.address = {0x100}, .id = 0}};
    RemoteAddr dropping;  // interpreter that does; null: the first
    bool warnings_imported = true;
    std::uint64_t modules = 50;
    bool out_of_memory = false;
    bool one_lock = true;
    std::vector<std::uint64_t> reused;
    std::function<void(DropEvidence&)> change;  // of each drop's evidence
    std::map<std::string, std::string> files;   // sources that are there
    std::uint64_t key = 8;                      // of the row
    std::uint64_t code = 8;                     // that is the key itself where rows are functions

    [[nodiscard]] Result<DropEvidence> copy_drop(pid_t tid, const arch::Registers&) override {
        if (out_of_memory) throw std::bad_alloc();
        DropEvidence evidence = make_evidence(coroutine);
        evidence.tid = tid;
        evidence.key = key;
        evidence.code = code;
        evidence.thread.emplace();
        evidence.interpreter = dropping.is_null() ? interpreters.front().address : dropping;
        return evidence;
    }
    [[nodiscard]] std::optional<DropEvidence> copy_capture(const StubCapture& capture,
                                                           const std::string& why) override {
        DropEvidence evidence = make_evidence(coroutine);
        evidence.captured = true;
        evidence.key = capture.key;
        evidence.code = capture.code;
        evidence.notes = {why};
        return evidence;
    }
    [[nodiscard]] std::vector<std::uint64_t> find_reused_places(CodeLook) override {
        return std::exchange(reused, {});
    }
    void complete(DropEvidence& evidence) override {
        if (change) change(evidence);
    }
    [[nodiscard]] std::shared_ptr<const SourceText> read_source(const std::string& file) override {
        const auto found = files.find(file);
        return found == files.end() ? nullptr : std::make_shared<const SourceText>(found->second);
    }
    void look_for_test() override {}
    [[nodiscard]] Result<std::vector<Interpreter>> read_interpreters() const override { return interpreters; }
    [[nodiscard]] Result<std::uint64_t> count_modules(RemoteAddr) const override { return modules; }
    [[nodiscard]] bool has_attribute(RemoteAddr, const char*, const char*) const override { return false; }
    [[nodiscard]] Result<SlotPlan> plan_warning_slot(RemoteAddr interpreter) const override {
        if (!warnings_imported) return Error{Errc::not_found, 0, "not imported"};
        SlotPlan plan;
        plan.kind = ProbeKind::kWarning;
        plan.slot = interpreter + 8;
        return plan;
    }
    [[nodiscard]] Result<SlotPlan> plan_task_slot(RemoteAddr) const override {
        return Error{Errc::not_found, 0, "not imported"};
    }
    [[nodiscard]] bool sees_calls_of_python() const override { return true; }
    [[nodiscard]] std::string layout_name() const override { return "fake"; }
    [[nodiscard]] bool is_forked_to_execute(const arch::Registers&) const override { return true; }
    [[nodiscard]] bool has_one_lock() const override { return one_lock; }
    [[nodiscard]] std::optional<RowName> read_row_name(RemoteAddr, bool) const override {
        return std::nullopt;
    }
};

struct FakeTarget {
    FakeThreads threads;
    FakeProbes probes;
    FakeReader reader;

    [[nodiscard]] LiveTarget live() { return {.threads = threads, .probes = probes, .reader = reader}; }
    // As the stub counts and asks for a stop, and Python warns.
    StopEvent drop(pid_t tid = 100) {
        ++probes.counters.coroutines;
        ++probes.counters.warned;
        ++probes.counters.attempts;
        probes.rows.front() = {.key = 8, .count = probes.counters.coroutines, .stops = 1, .granted = 0};
        if (probes.rows.size() == 1) probes.rows.emplace_back();
        threads.registers[tid].pc = FakeProbes::kStop.value;
        return {.tid = tid, .kind = StopKind::kSignal, .signal = SIGURG, .status = 0};
    }
};

}  // namespace corotrace
