// SPDX-License-Identifier: MIT
// Watch: what happens between attaching and leaving. It owns the planted probes, takes the threads' stops,
// reports what they dropped, and keeps the stops within their budget.
//
// run() has to be called on a thread of its own, which then is the tracer; when that thread ends the target's
// threads are let go without a stop. It returns either because the session is over or because it wants to be
// run again on a new thread, with other options of seizing (follow_threads).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "cpython_layouts/layout.hpp"
#include "cpython_layouts/runtime.hpp"
#include "symbols/process_memory.hpp"
#include "symbols/symbol_index.hpp"
#include "tracer/findings/site_filter.hpp"
#include "tracer/findings/site_ledger.hpp"
#include "tracer/findings/stop_request.hpp"
#include "tracer/probes/leftovers.hpp"
#include "tracer/probes/origin_tracking.hpp"
#include "tracer/probes/planted_probes.hpp"
#include "tracer/process/event_pump.hpp"
#include "tracer/process/traced_threads.hpp"
#include "tracer/session/attach_options.hpp"
#include "tracer/session/attach_session.hpp"
#include "tracer/session/drop_reader.hpp"
#include "tracer/session/finding_sink.hpp"
#include "tracer/session/stop_budget.hpp"
#include "tracer/session/test_name.hpp"

namespace corotrace {

// What run_attach() found out before anything is touched. Outlives the Watch.
struct WatchSubject {
    std::unique_ptr<ProcessMemory> memory_owner;  // stays in its place: `symbols` and others point to it
    const ProcessMemory& memory;
    SymbolIndex symbols;
    PythonProcess python;
    AttachedFacts facts;
    std::optional<std::string> counts_only;  // why no stop may be asked for
    int stop_signal = 0;
    pid_t pid_in_namespace = 0;
    PumpGroup* group = nullptr;         // of the threads that trace other processes meanwhile
    bool inherits = false;              // what is found in it is most likely that of a watched parent
    std::optional<std::string> missed;  // why drops from before are not counted
};

// An interpreter whose warnings are counted.
struct WatchedInterpreter {
    RemoteAddr address;                 // another one may lie there later
    std::int64_t id = 0;                // never given twice
    RemoteAddr slot;                    // null: none, for it had not imported the module warnings
    RemoteAddr task_slot{};             // null: none, for it had not imported asyncio
    std::uint64_t modules_looked_at{};  // length of sys.modules when asyncio was looked for last
};

// What a row of which no drop was seen counts.
struct RowName {
    CoroutineFacts coroutine;
    std::optional<TaskLoss> loss;  // of a row of calls; null: of none
};

class Watch {
public:
    enum class Leave : std::uint8_t { kOver, kFollowThreads };

    Watch(const AttachOptions& options, WatchSubject& subject, FindingSink& sink, const StopRequest& stop);

    // Errors: those of seizing and planting; once planted it ends with a reason instead.
    [[nodiscard]] Result<Leave> run(SeizeOption options);

    // After Leave::kOver: tells the sink sites and totals.
    [[nodiscard]] SessionEnd finish();

private:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds kTick{100};
    static constexpr unsigned kFirstDeepSlice = 5;

    [[nodiscard]] Status begin();
    void lose_target(const Error& why);
    void check_program();
    void clear_leftovers();
    void pump_pending();
    [[nodiscard]] bool is_old_stop(const StopEvent& event, const arch::Registers& registers) const;
    [[nodiscard]] Leave loop();
    void end(EndReason reason);

    void handle(const StopEvent& event);
    void handle_signal(const StopEvent& event);
    [[nodiscard]] bool is_our_stop(const StopEvent& event, const arch::Registers& registers) const;
    void handle_drop(pid_t tid, const arch::Registers& registers, Clock::time_point noticed);
    void report(Drop& drop);
    // The interpreters that were there when the probes were planted.
    void remember_interpreters();
    // Each interpreter warns by a function of its own. For one that came later, that is found at its first
    // drop, in time for the warning of this one. Needs: its thread stopped, so that nothing of it can go
    // away.
    void watch_interpreter(RemoteAddr interpreter);
    // The slots by which tasks are lost, of interpreters that have imported asyncio meanwhile.
    void watch_tasks();
    void note_tasks_in_python(RemoteAddr interpreter);
    // All interpreters, among them the one at `present`; empty if they could not be read.
    [[nodiscard]] std::vector<Interpreter> look_for_interpreters(std::optional<RemoteAddr> present) const;
    // The functions of those that are not in `now` went with them, and somebody else has the memory.
    void forget_gone_interpreters(const std::vector<Interpreter>& now);

    // Ten times a second: counters, budget, new threads, status line.
    void tick(Clock::time_point now);
    [[nodiscard]] bool read_totals();
    void grant_stops();
    std::int64_t refill_budget();  // returns what it wrote
    void watch_sandbox();
    void watch_new_threads();
    [[nodiscard]] Progress progress(Clock::time_point now) const;

    // Where coroutines are created.
    void learn_origin(const Finding& finding);
    void set_origin_depth();
    [[nodiscard]] int choose_origin_depth();
    [[nodiscard]] bool record_origins();
    void put_back_origins();

    // Leaving: nothing new is counted, the last warnings and stops pass, everything is put back.
    void leave();
    void drain(Clock::time_point until);
    void look_at_cross_check();
    void check_task_slots();
    [[nodiscard]] Coverage coverage() const;
    [[nodiscard]] std::string describe_end(EndReason reason) const;
    [[nodiscard]] std::vector<SiteCount> all_sites();
    // Sites of which no drop was seen.
    [[nodiscard]] SiteCount count_only(std::uint64_t count) const;
    [[nodiscard]] SiteCount unseen_site(const RowTotal& row) const;
    [[nodiscard]] SiteCount unseen_loss(const RowTotal& row, TaskLoss loss) const;
    // Learns what such rows count, in time: when the target has ended nobody can say. Cost: some 10 reads for
    // each that is new.
    void name_rows();
    [[nodiscard]] std::vector<RowTotal> row_totals() const;
    [[nodiscard]] std::optional<LostTaskCounts> count_lost_tasks(const std::vector<SiteCount>& sites) const;

    const AttachOptions& options_;
    WatchSubject& subject_;
    FindingSink& sink_;
    const StopRequest& stop_;
    SiteFilter filter_;
    DropReader reader_;
    TestName test_name_;
    SiteLedger ledger_;
    StopBudget budget_;
    OriginTracking origins_;  // puts back what it set
    std::unordered_map<std::string, unsigned>
        wanted_origins_;  // sites without a deep stack; since which tick
    unsigned origin_ticks_ = 0;
    unsigned next_deep_slice_ = kFirstDeepSlice;       // by this count
    Clock::time_point origin_paid_;                    // until when
    std::chrono::duration<double> origin_saved_{0.0};  // of the program's time, to be spent on noting
    bool tracked_origins_ = false;
    const std::optional<unsigned> filters_;  // of seccomp(2), when we came

    std::optional<TracedThreads> threads_;  // of the present run
    std::optional<EventPump> pump_;         // of the present run; none: nobody traces
    std::optional<PlantedProbes> probes_;   // over all runs

    std::vector<AddressRange> old_stubs_;  // of killed corotraces

    Clock::time_point started_;
    Clock::time_point left_;
    Clock::time_point last_tick_;
    Clock::time_point last_stop_;
    Clock::time_point next_tick_;
    std::optional<EndReason> ended_;
    bool target_alive_ = true;
    bool saw_last_counts_ = false;        // at the target's exit
    std::optional<StopEvent> how_ended_;  // kExited or kKilled

    StubCounters counters_;               // as last read
    std::vector<StubRow> rows_;           // as last read, the overflow row last
    std::vector<StubRow> previous_rows_;  // at the tick before
    std::unordered_map<std::uint64_t, RowName> row_names_;
    double per_second_ = 0;
    bool had_cross_check_ = false;
    bool cross_check_replaced_ = false;
    std::vector<WatchedInterpreter> interpreters_;
    bool counts_tasks_ = false;
    std::uint64_t sampled_losses_ = 0;
    bool dropped_elsewhere_ = false;   // in an interpreter that came later and could not be watched in time
    bool cross_check_counts_ = false;  // independently, from the first tick on
    std::uint64_t at_shutdown_ = 0;    // drops seen without a Python frame

    unsigned thread_count_ = 0;
    bool follow_threads_ = false;
    bool wants_restart_ = false;
    std::uint64_t attempts_before_ = 0;  // stops asked for, at the tick before
    std::uint64_t missed_ = 0;           // of these, given up

    std::uint64_t stops_ = 0;
    std::uint64_t filtered_ = 0;
    std::chrono::nanoseconds pause_total_{0};
    std::chrono::nanoseconds pause_max_{0};
    std::vector<std::string> notes_;
};

}  // namespace corotrace
