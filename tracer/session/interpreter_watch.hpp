// SPDX-License-Identifier: MIT
// InterpreterWatch: the slots that each interpreter of a process has of its own: of the cross-check (each
// warns by a function of its own) and of asyncio's exception handler. Those of modules that are imported
// later, and of interpreters that come later, are added when they turn up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "symbols/address.hpp"
#include "tracer/session/live_target.hpp"

namespace corotrace {

class InterpreterWatch {
public:
    // `target` must outlive it.
    explicit InterpreterWatch(LiveTarget target) : target_(target) {}

    // The interpreters that were there when the probes were planted.
    void begin(bool has_cross_check);
    // Slots of modules that were imported meanwhile. Cost: one read an interpreter where none was.
    void look();
    // At a drop in this interpreter: for one that came later its slot is found in time for the warning of
    // this one. Needs: its thread stopped, so that nothing of it can go away.
    void on_drop(RemoteAddr interpreter);
    // From the first tick after it was set up the cross-check counts by itself. To be called at each tick.
    void let_cross_check_count();

    // Before everything is put back: what the counts may have missed, and the slots whose interpreters are
    // gone are left alone.
    void check_before_leaving();

    // All interpreters; empty if they could not be read.
    [[nodiscard]] std::vector<Interpreter> find_all() const { return find_all({}); }

    [[nodiscard]] bool has_cross_check() const { return has_cross_check_; }
    // At the last look at its modules the program had not imported warnings yet.
    [[nodiscard]] bool never_imported_warnings() const { return never_imported_warnings_; }
    // Drops that were counted before the cross-check could begin.
    [[nodiscard]] std::uint64_t unchecked() const { return unchecked_; }
    [[nodiscard]] bool was_replaced() const { return was_replaced_; }
    // Some were dropped in an interpreter whose warnings could not be counted in time.
    [[nodiscard]] bool dropped_elsewhere() const { return dropped_elsewhere_; }
    [[nodiscard]] bool counts_tasks() const { return counts_tasks_; }
    [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

private:
    struct Watched {
        RemoteAddr address;                 // another one may lie there later
        std::int64_t id = 0;                // never given twice
        RemoteAddr slot;                    // null: none, for it had not imported the module warnings
        RemoteAddr task_slot{};             // null: none, for it had not imported asyncio
        std::uint64_t modules_looked_at{};  // length of sys.modules when they were looked for last
    };
    [[nodiscard]] std::vector<Interpreter> find_all(std::optional<RemoteAddr> present) const;
    // `under_way`: drops that are counted, and will be warned of only now.
    void watch_warnings(Watched& one, std::uint64_t under_way);
    void watch_tasks(Watched& one);
    void add_all();
    void forget_gone(const std::vector<Interpreter>& now);
    void take_over(RemoteAddr slot);
    void check_cross_check();
    void check_task_slots();
    void note(std::string text);

    LiveTarget target_;
    std::vector<Watched> interpreters_;
    bool has_cross_check_ = false;
    bool never_imported_warnings_ = false;
    bool counts_independently_ = false;
    bool was_replaced_ = false;
    bool dropped_elsewhere_ = false;
    bool counts_tasks_ = false;
    std::uint64_t unchecked_ = 0;
    std::uint64_t looked_at_ = 0;  // drops
    int waited_ = 0;               // looks, for a drop that is under way
    std::vector<std::string> notes_;
};

}  // namespace corotrace
