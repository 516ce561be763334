// SPDX-License-Identifier: MIT
// What a session does to a live target, as three interfaces: its threads, the probes planted in it, and what
// can be read of it. ProcessTarget is the real one; a unit test drives a session by a fake one, without a
// process. All calls come from the tracer thread.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cpython_layouts/lost_task.hpp"
#include "cpython_layouts/runtime.hpp"
#include "symbols/result.hpp"
#include "tracer/diagnose/drop_evidence.hpp"
#include "tracer/findings/finding.hpp"
#include "tracer/probes/probe.hpp"
#include "tracer/probes/stub_data.hpp"
#include "tracer/process/ptrace_call.hpp"
#include "tracer/process/stop_event.hpp"

namespace corotrace {

// Takes the stops of all targets that wait, for 20 ms at most: called where something of a target is waited
// for, so that nobody is kept stopped meanwhile.
using ServeOthers = std::function<void()>;

class ThreadControl {
public:
    ThreadControl() = default;
    ThreadControl(const ThreadControl&) = delete;
    ThreadControl& operator=(const ThreadControl&) = delete;
    virtual ~ThreadControl() = default;

    // Becomes the tracer of all threads. Errors: gone, denied.
    [[nodiscard]] virtual Status seize_all(SeizeOption options) = 0;
    // Of those that came since. Errors: gone, denied.
    [[nodiscard]] virtual Status seize_new() = 0;
    // Nobody is traced any more: the tracer thread has ended.
    virtual void lose() = 0;
    // Traced ones.
    [[nodiscard]] virtual bool has(pid_t tid) const = 0;
    [[nodiscard]] virtual std::size_t size() const = 0;
    // A thread that the kernel seized for us. False: it is of another process.
    [[nodiscard]] virtual bool adopt(pid_t tid) = 0;
    virtual void forget(pid_t tid) = 0;

    // All threads that the process has. Cost: one read.
    [[nodiscard]] virtual std::optional<unsigned> read_count() const = 0;
    // Whether other threads than `tid`, which is ending, go on. Cost: two reads a thread.
    [[nodiscard]] virtual bool live_on_without(pid_t tid) const = 0;
    // Null: it cannot be read.
    [[nodiscard]] virtual std::optional<unsigned> read_seccomp_filters() const = 0;
    // Whether the process is there and runs a program.
    [[nodiscard]] virtual bool has_program() const = 0;

    // As ptrace_resume() and the like. That the thread ended meanwhile is told by the pump.
    virtual void resume(pid_t tid, int signal) = 0;
    virtual void resume_to_call(pid_t tid, int signal) = 0;
    virtual void listen(pid_t tid) = 0;
    virtual void let_go(pid_t tid) = 0;
    virtual void block_signal(pid_t tid, int signal) = 0;
    [[nodiscard]] virtual Result<arch::Registers> read_registers(pid_t tid) = 0;
    [[nodiscard]] virtual Result<siginfo_t> read_siginfo(pid_t tid) = 0;
};

class ProbeControl {
public:
    struct Budget {
        std::uint32_t initial_stops = 0;   // of each row
        std::uint32_t stops_of_place = 0;  // the same where rows are places
        std::int64_t stops = 0;            // of all together
        bool capture_only = false;         // places are captured by the stub, and no stop is asked for
        bool many_captures = false;        // so it is at times
        bool announces_exec = false;       // before another program is executed a stop is asked for
    };
    struct Planted {
        bool cross_check = false;                   // the warning path is counted
        std::uint64_t counted_before = 0;           // drops, by a stub that was taken over
        std::optional<std::string> no_places = {};  // why rows are no places, but functions
        std::vector<std::string> notes;             // what could not be planted, and why
    };
    // Of the key that the stub made of a drop.
    enum class KeyCheck : std::uint8_t {
        kRight,  // the same is made of it from outside
        kWrong,
        kUnread,
        kNoPlace  // it was not made of a place
    };

    ProbeControl() = default;
    ProbeControl(const ProbeControl&) = delete;
    ProbeControl& operator=(const ProbeControl&) = delete;
    virtual ~ProbeControl() = default;

    // Takes out what killed corotraces left. One status for each: an error if it had to stay.
    // `inherits`: they are of the process that forked this one. Errors: unsupported (a corotrace that does
    // not trace just now watches this target).
    [[nodiscard]] virtual Result<std::vector<Status>> clear_leftovers(bool inherits,
                                                                      const ServeOthers& serve) = 0;
    [[nodiscard]] virtual bool is_in_leftover(RemoteAddr pc) const = 0;

    // Errors: as PlantedProbes::plant(); nothing stays planted then. The rest needs it to be done.
    [[nodiscard]] virtual Result<Planted> plant(const Budget& budget, const ServeOthers& serve) = 0;
    [[nodiscard]] virtual bool is_planted() const = 0;
    // Whether a thread that asked for a stop is there; at the second place, signals that it blocks may come.
    [[nodiscard]] virtual bool is_stop_place(RemoteAddr pc) const = 0;
    [[nodiscard]] virtual bool is_unblocked_place(RemoteAddr pc) const = 0;
    // Of a thread that is at one of these: it did not drop anything, but is about to execute a program.
    [[nodiscard]] virtual bool announces_exec(const arch::Registers& registers) const = 0;

    [[nodiscard]] virtual Result<StubCounters> read_counters() const = 0;
    // The overflow row last.
    [[nodiscard]] virtual Result<std::vector<StubRow>> read_rows() const = 0;
    // What the stub noted of places since the last call. Cost: one read.
    [[nodiscard]] virtual std::vector<StubCapture> take_captures() = 0;
    // See StubDataHeader::beat.
    virtual void write_beat(std::uint32_t beat) = 0;
    // From now on captures take the place of stops, or no longer.
    virtual void capture_only(bool only) = 0;
    virtual void write_budget(std::int64_t stops) = 0;
    virtual void write_initial_stops(std::uint32_t stops) = 0;
    virtual void grant(std::size_t row, std::uint32_t stops) = 0;
    // To the row of a drop. False: it is none.
    virtual bool grant(const DropEvidence& drop, std::uint32_t stops) = 0;
    // Needs: the thread of `drop` stopped. Cost: 2 or 3 reads a frame.
    [[nodiscard]] virtual KeyCheck check_key(const DropEvidence& drop) = 0;
    // Where plant() could not prove that keys of places can be made, for all threads were at work: tries
    // once more, with one that stands. True: from now on rows are places.
    [[nodiscard]] virtual bool prove_places(const DropEvidence& drop) = 0;
    // The same without a drop: where none will be examined. Cost: some reads a thread.
    [[nodiscard]] virtual bool prove_places() = 0;
    // From now on rows are functions.
    virtual void give_up_places() = 0;

    // As in PlantedProbes.
    [[nodiscard]] virtual bool has_slot(RemoteAddr slot) const = 0;
    [[nodiscard]] virtual Status add_slot(const SlotPlan& plan) = 0;
    virtual void forget_slot(RemoteAddr slot) = 0;
    // Sets the cross-check's count.
    [[nodiscard]] virtual Status align_cross_check(std::uint64_t count) = 0;
    [[nodiscard]] virtual Status let_cross_check_count() = 0;

    // As OriginTracking. Before the first change a record of it is written for whoever cleans up after us.
    [[nodiscard]] virtual bool is_tracking_origins() const = 0;
    [[nodiscard]] virtual Status record_origins(int steady, int deep) = 0;
    virtual void apply_origins(int depth) = 0;
    [[nodiscard]] virtual std::vector<std::string> put_back_origins() = 0;

    // Nothing new is counted from now on; what is under way still is.
    virtual void stop_counting() = 0;
    // What was planted is not ours any more: nothing of it is put back.
    virtual void abandon() = 0;
    // Errors: why some of the stub's bytes stay.
    [[nodiscard]] virtual Status remove(const ServeOthers& serve) = 0;
};

// Names of what a row counts, of which no drop was seen.
struct RowName {
    CoroutineFacts coroutine;
    std::optional<TaskLoss> loss;  // of a row of calls; null: of none
};

// How the code that places are keyed by is checked again (see PlaceCodes).
enum class CodeLook : std::uint8_t {
    kSome,     // at a tick: has other code taken its place?
    kExiting,  // the same of all code: the target ends, and its runtime was shut down
    kLeaving,  // of all; also code that is gone, for other code may have been there meanwhile
};

class TargetReader {
public:
    TargetReader() = default;
    TargetReader(const TargetReader&) = delete;
    TargetReader& operator=(const TargetReader&) = delete;
    virtual ~TargetReader() = default;

    // Needs: `tid` stopped at the stub. Errors: gone.
    [[nodiscard]] virtual Result<DropEvidence> copy_drop(pid_t tid, const arch::Registers& registers) = 0;
    // When the thread runs again: what can still be read.
    virtual void complete(DropEvidence& evidence) = 0;
    // As evidence. `why`: no stop told more. Cost: some 10 reads for each code that was not met before.
    // Null: its code is no more.
    [[nodiscard]] virtual std::optional<DropEvidence> copy_capture(const StubCapture& capture,
                                                                   const std::string& why) = 0;
    // A source file as it is now. Null: there is none. Cost: as SourceReader.
    [[nodiscard]] virtual std::shared_ptr<const SourceText> read_source(const std::string& file) = 0;
    // Keys that may stand for another place by now, see PlaceCodes.
    [[nodiscard]] virtual std::vector<std::uint64_t> find_reused_places(CodeLook look) = 0;
    // Takes the memory that copying needs, so that no stop waits for it.
    virtual void make_ready() {}
    // For what a drop is told to have happened in: see TestName.
    virtual void look_for_test() = 0;

    // The newest first.
    [[nodiscard]] virtual Result<std::vector<Interpreter>> read_interpreters() const = 0;
    // Length of sys.modules.
    [[nodiscard]] virtual Result<std::uint64_t> count_modules(RemoteAddr interpreter) const = 0;
    [[nodiscard]] virtual bool has_attribute(RemoteAddr interpreter, const char* module,
                                             const char* name) const = 0;
    // Errors: not_found (the module is not imported yet).
    [[nodiscard]] virtual Result<SlotPlan> plan_warning_slot(RemoteAddr interpreter) const = 0;
    [[nodiscard]] virtual Result<SlotPlan> plan_task_slot(RemoteAddr interpreter) const = 0;
    // Code that enters functions without looking at their slot is not seen (CPython 3.11).
    [[nodiscard]] virtual bool sees_calls_of_python() const = 0;
    [[nodiscard]] virtual std::string layout_name() const = 0;
    // Of a thread that stands in a process that was just forked: whether it is likely to execute a program in
    // C, see forked_to_execute.hpp.
    [[nodiscard]] virtual bool is_forked_to_execute(const arch::Registers& registers) const = 0;
    // Python code of one thread runs at a time: there is one interpreter, with a GIL.
    [[nodiscard]] virtual bool has_one_lock() const = 0;

    // Of the code or, for a call, the object that a row's key names. Cost: some 10 reads. Null: it is no such
    // thing.
    [[nodiscard]] virtual std::optional<RowName> read_row_name(RemoteAddr object, bool is_call) const = 0;
};

struct LiveTarget {
    ThreadControl& threads;
    ProbeControl& probes;
    TargetReader& reader;
};

// Whether the event is the signal by which the stub, or one of a killed corotrace, asks for a stop.
// `pid`: of the target in its own namespace. Cost: one ptrace(2) call where the thread is at such a place.
[[nodiscard]] bool is_stop_of_stub(const LiveTarget& target, const StopEvent& event,
                                   const arch::Registers& registers, pid_t pid);

}  // namespace corotrace
