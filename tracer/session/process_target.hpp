// SPDX-License-Identifier: MIT
// ProcessTarget: the LiveTarget that is a process. Owns what was found out about it and everything that is
// changed in it: destroyed, it is as it was, whatever happened. Made on any thread; once its threads are
// seized it belongs to the tracer thread.
#pragma once

#include <memory>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include "tracer/probes/leftovers.hpp"
#include "tracer/probes/origin_tracking.hpp"
#include "tracer/probes/planted_probes.hpp"
#include "tracer/process/traced_threads.hpp"
#include "tracer/session/attach_options.hpp"
#include "tracer/session/evidence_copier.hpp"
#include "tracer/session/live_target.hpp"
#include "tracer/session/place_codes.hpp"
#include "tracer/session/target_subject.hpp"
#include "tracer/session/test_name.hpp"

namespace corotrace {

class ProcessThreads final : public ThreadControl {
public:
    explicit ProcessThreads(pid_t pid) : pid_(pid) {}

    [[nodiscard]] Status seize_all(SeizeOption options) override;
    [[nodiscard]] Status seize_new() override;
    void lose() override { threads_.reset(); }
    [[nodiscard]] bool has(pid_t tid) const override { return threads_ && threads_->all().contains(tid); }
    [[nodiscard]] const std::unordered_set<pid_t>* all() const {
        return threads_ ? &threads_->all() : nullptr;
    }
    [[nodiscard]] std::size_t size() const override { return threads_ ? threads_->size() : 0; }
    [[nodiscard]] bool adopt(pid_t tid) override;
    void forget(pid_t tid) override;
    [[nodiscard]] std::optional<unsigned> read_count() const override;
    [[nodiscard]] bool live_on_without(pid_t tid) const override;
    [[nodiscard]] std::optional<unsigned> read_seccomp_filters() const override;
    [[nodiscard]] bool has_program() const override;
    void resume(pid_t tid, int signal) override;
    void resume_to_call(pid_t tid, int signal) override;
    void listen(pid_t tid) override;
    void let_go(pid_t tid) override;
    void block_signal(pid_t tid, int signal) override;
    [[nodiscard]] Result<arch::Registers> read_registers(pid_t tid) override;
    [[nodiscard]] Result<siginfo_t> read_siginfo(pid_t tid) override;

private:
    pid_t pid_;
    std::optional<TracedThreads> threads_;
};

class ProcessProbes final : public ProbeControl {
public:
    // `subject` must outlive it. `takes_over`: as AttachOptions.
    ProcessProbes(TargetSubject& subject, bool takes_over);

    [[nodiscard]] Result<std::vector<Status>> clear_leftovers(bool inherits,
                                                              const ServeOthers& serve) override;
    [[nodiscard]] bool is_in_leftover(RemoteAddr pc) const override;
    [[nodiscard]] Result<Planted> plant(const Budget& budget, const ServeOthers& serve) override;
    [[nodiscard]] bool is_planted() const override { return probes_.has_value(); }
    [[nodiscard]] bool is_stop_place(RemoteAddr pc) const override;
    [[nodiscard]] bool is_unblocked_place(RemoteAddr pc) const override;
    [[nodiscard]] bool announces_exec(const arch::Registers& registers) const override;
    [[nodiscard]] Result<StubCounters> read_counters() const override;
    [[nodiscard]] Result<std::vector<StubRow>> read_rows() const override;
    [[nodiscard]] std::vector<StubCapture> take_captures() override;
    void write_beat(std::uint32_t beat) override;
    void capture_only(bool only) override;
    void write_budget(std::int64_t stops) override;
    void write_initial_stops(std::uint32_t stops) override;
    void grant(std::size_t row, std::uint32_t stops) override;
    bool grant(const DropEvidence& drop, std::uint32_t stops) override;
    [[nodiscard]] KeyCheck check_key(const DropEvidence& drop) override;
    [[nodiscard]] bool prove_places(const DropEvidence& drop) override;
    [[nodiscard]] bool prove_places() override;
    void give_up_places() override;
    [[nodiscard]] bool has_slot(RemoteAddr slot) const override;
    [[nodiscard]] Status add_slot(const SlotPlan& plan) override;
    void forget_slot(RemoteAddr slot) override;
    [[nodiscard]] Status align_cross_check(std::uint64_t count) override;
    [[nodiscard]] Status let_cross_check_count() override;
    [[nodiscard]] bool is_tracking_origins() const override { return origins_.is_on(); }
    [[nodiscard]] Status record_origins(int steady, int deep) override;
    void apply_origins(int depth) override;
    [[nodiscard]] std::vector<std::string> put_back_origins() override;
    void stop_counting() override;
    void abandon() override;
    [[nodiscard]] Status remove(const ServeOthers& serve) override;

private:
    [[nodiscard]] std::optional<std::string> plan_places(ProbePlan& plan);

    TargetSubject& subject_;
    bool takes_over_;
    std::optional<arch::StubWalk> walk_;   // by which keys are made; null: they cannot be
    std::vector<AddressRange> leftovers_;  // stubs of killed corotraces
    StubTally counted_before_;             // by these, or since this process was forked
    std::optional<PlantedProbes> probes_;
    OriginTracking origins_;  // after the probes: put back before they go
};

class ProcessReader final : public TargetReader {
public:
    // `subject` must outlive it.
    ProcessReader(TargetSubject& subject, const AttachOptions& options);

    [[nodiscard]] Result<DropEvidence> copy_drop(pid_t tid, const arch::Registers& registers) override;
    void complete(DropEvidence& evidence) override { drops_.complete(evidence); }
    [[nodiscard]] std::optional<DropEvidence> copy_capture(const StubCapture& capture,
                                                           const std::string& why) override;
    [[nodiscard]] std::shared_ptr<const SourceText> read_source(const std::string& file) override {
        return drops_.read_source(file);
    }
    [[nodiscard]] std::vector<std::uint64_t> find_reused_places(CodeLook look) override;
    void make_ready() override { EvidenceCopier::make_ready(); }
    void look_for_test() override { test_.look(); }
    [[nodiscard]] Result<std::vector<Interpreter>> read_interpreters() const override;
    [[nodiscard]] Result<std::uint64_t> count_modules(RemoteAddr interpreter) const override;
    [[nodiscard]] bool has_attribute(RemoteAddr interpreter, const char* module,
                                     const char* name) const override;
    [[nodiscard]] Result<SlotPlan> plan_warning_slot(RemoteAddr interpreter) const override;
    [[nodiscard]] Result<SlotPlan> plan_task_slot(RemoteAddr interpreter) const override;
    [[nodiscard]] bool sees_calls_of_python() const override;
    [[nodiscard]] std::string layout_name() const override;
    [[nodiscard]] bool is_forked_to_execute(const arch::Registers& registers) const override;
    [[nodiscard]] bool has_one_lock() const override;
    [[nodiscard]] std::optional<RowName> read_row_name(RemoteAddr object, bool is_call) const override;

private:
    TargetSubject& subject_;
    EvidenceCopier drops_;
    PlaceCodes places_;
    TestName test_;
};

class ProcessTarget {
public:
    ProcessTarget(TargetSubject subject, const AttachOptions& options)
        : subject_(std::move(subject)),
          threads_(subject_.pid),
          probes_(subject_, options.takes_over),
          reader_(subject_, options) {}
    ProcessTarget(const ProcessTarget&) = delete;
    ProcessTarget& operator=(const ProcessTarget&) = delete;
    ~ProcessTarget() = default;

    [[nodiscard]] const TargetSubject& subject() const { return subject_; }
    // Those that are traced; null: nobody is. Valid until they are seized anew.
    [[nodiscard]] const std::unordered_set<pid_t>* threads() const { return threads_.all(); }
    [[nodiscard]] LiveTarget live() { return {.threads = threads_, .probes = probes_, .reader = reader_}; }

private:
    TargetSubject subject_;
    ProcessThreads threads_;
    ProcessProbes probes_;
    ProcessReader reader_;
};

}  // namespace corotrace
