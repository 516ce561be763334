// SPDX-License-Identifier: MIT
// PlantedProbes: owner of everything that corotrace changes in the target: the stub's code, its data block
// and the slots that point to it. Planting stops nothing: the bytes are written first, then each slot is
// turned by one aligned 8-byte write. The destructor puts everything back in the opposite order.
//
// If corotrace is killed instead, all of it stays and does no harm: the stub counts, sends at most the
// remaining budget of signals whose default action is to be ignored, and calls the original. The next attach,
// or `corotrace detach`, finds it by its magic number and removes it (leftovers.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "symbols/process_memory.hpp"
#include "tracer/probes/code_cave.hpp"
#include "tracer/probes/probe.hpp"
#include "tracer/probes/stub_data.hpp"
#include "tracer/probes/stub_tally.hpp"

namespace corotrace {

// One write that planting would make.
struct PlannedWrite {
    RemoteAddr start;
    std::uint64_t bytes = 0;
    std::string what;
};

// All of them, in their order; writes nothing. Errors: as PlantedProbes::plant().
[[nodiscard]] Result<std::vector<PlannedWrite>> plan_writes(pid_t pid, const ProcessMemory& memory,
                                                            SymbolIndex& symbols, const ProbePlan& plan);

class PlantedProbes {
public:
    struct Settings {
        int stop_signal = 0;
        std::uint32_t initial_stops = 0;  // of each row
        std::int64_t budget = 0;          // of all together
        pid_t pid = 0;                    // the target's own, in its pid namespace
        std::uint32_t walk_depth = 0;     // frames that a row's key is made of, see arch::StubWalk
        bool capture_only = false;        // from the start, see StubDataHeader
        bool many_captures = false;       // there will be times without stops: room for them, not for rows
        StubTally counted_before = {};    // it goes on from these
    };

    // Writes stub and data into caves and turns the slots. `memory` must outlive the result. What fails half
    // way is put back, as by remove(meanwhile).
    // Errors: not_found (no cave), unreadable, denied (text not writable), malformed (a slot changed
    // meanwhile).
    [[nodiscard]] static Result<PlantedProbes> plant(pid_t pid, const ProcessMemory& memory,
                                                     SymbolIndex& symbols, const ProbePlan& plan,
                                                     const Settings& settings,
                                                     const std::function<void()>& meanwhile);
    PlantedProbes(PlantedProbes&& other) noexcept;
    PlantedProbes& operator=(PlantedProbes&& other) = delete;
    PlantedProbes(const PlantedProbes&) = delete;
    PlantedProbes& operator=(const PlantedProbes&) = delete;
    ~PlantedProbes();

    // A thread that asked for a stop is at one of these; at the second, signals that it blocks may come too.
    [[nodiscard]] RemoteAddr stop_pc() const { return stop_pc_; }
    [[nodiscard]] RemoteAddr unblocked_pc() const { return unblocked_pc_; }
    [[nodiscard]] RemoteAddr data() const { return data_; }
    [[nodiscard]] std::uint32_t capacity() const { return stub_capacity(pieces_.size()); }
    // Some slot of the warning path is turned.
    [[nodiscard]] bool counts_warnings() const;
    // A thread had to stand still for the stub, see write_code().
    [[nodiscard]] bool stopped_to_write() const { return stopped_to_write_; }
    [[nodiscard]] bool has_slot(RemoteAddr address) const;

    // Errors: as ProcessMemory's; malformed (somebody else took it out, and perhaps planted his own).
    [[nodiscard]] Result<StubCounters> read_counters() const;
    [[nodiscard]] Result<std::vector<StubRow>> read_rows() const {
        return read_stub_rows(*memory_, data_, pieces_);
    }

    [[nodiscard]] Result<std::vector<StubCapture>> take_captures() const {
        return take_stub_captures(*memory_, data_, ring_);
    }
    // From now on captures take the place of stops, or no longer.
    [[nodiscard]] Status capture_only(bool only) const {
        return write_stub_capture_only(*memory_, data_, only);
    }

    // Allows the row `index` (as in read_rows) that many stops beyond its initial ones, in all.
    [[nodiscard]] Status grant(std::size_t index, std::uint32_t stops) const;
    // The same of a row where a thread stopped. Errors: not_found (there is none at this address).
    [[nodiscard]] Status grant(RemoteAddr row, std::uint32_t stops) const;
    // From now on keys are made of so many frames; 0: rows are code objects.
    [[nodiscard]] Status walk(std::uint32_t frames) const {
        return write_stub_walk_depth(*memory_, data_, frames);
    }

    // Turns one more slot, that of an interpreter or a module that came later. It uses the stub's entry for
    // the others of its kind. Errors: unsupported (none with its original), not_found (no room), as
    // ProcessMemory's.
    [[nodiscard]] Status add_slot(const SlotPlan& plan);
    // Leaves a slot as it is: its interpreter, and so the function, is no more.
    [[nodiscard]] Status forget_slot(RemoteAddr address);

    // From now on the count on the warning path is independent of the other (see StubDataHeader::following).
    [[nodiscard]] Status let_cross_check_count() const {
        return write_stub_following(*memory_, data_, false);
    }

    // Stops counting new objects and asking for stops: the slots of the objects go back, the warning path's
    // stays and follows, so that calls under way are still counted. Errors: as ProcessMemory's.
    [[nodiscard]] Status stop_counting();
    // Somebody else took it out, and may have planted his own there: nothing of it is touched any more.
    void abandon() { planted_ = false; }
    // The rest goes back, and the bytes are cleared once no thread can be in them. Once: what could not be
    // cleared in time stays, and a further call, or the destructor, does nothing.
    // `meanwhile` resumes threads that stop for us (see wait_until_outside).
    // Errors: timeout (a thread may still be inside: slots are back, the stub's bytes stay), unreadable.
    // `gone` is no error.
    [[nodiscard]] Status remove(const std::function<void()>& meanwhile);

private:
    struct Entry {
        ProbeKind kind;
        RemoteAddr original;
        RemoteAddr start;
    };
    struct Slot {
        ProbeKind kind;
        RemoteAddr address;
        RemoteAddr original;
        RemoteAddr redirected;
        std::optional<std::uint32_t> call_version;  // that the function behind it had
        std::size_t record = 0;  // its place in StubDataHeader::slots, and the next if it has a version
        bool turned = false;

        [[nodiscard]] std::size_t records() const { return call_version ? 2 : 1; }
    };
    PlantedProbes(pid_t pid, const ProcessMemory& memory) : pid_(pid), memory_(&memory) {}
    [[nodiscard]] Status put_back(const std::function<void()>& meanwhile);
    [[nodiscard]] Status write_stub(const Caves& caves, const ProbePlan& plan, const Settings& settings);
    [[nodiscard]] Status write_block(const StubDataHeader& header) const;
    [[nodiscard]] Status turn_slots();
    [[nodiscard]] Status turn(Slot& slot) const;
    [[nodiscard]] Status turn_back(Slot& slot);
    [[nodiscard]] const Entry* find_entry(const SlotPlan& plan) const;
    [[nodiscard]] Slot make_slot(const SlotPlan& plan) const;
    [[nodiscard]] bool has_row(RemoteAddr address) const;
    [[nodiscard]] Status record(const Slot& slot) const;
    // Null: there is no room.
    [[nodiscard]] std::optional<std::size_t> find_record(std::size_t records) const;

    pid_t pid_;
    const ProcessMemory* memory_;  // null: moved from
    RemoteAddr stub_;              // with its header
    std::uint64_t stub_bytes_ = 0;
    RemoteAddr data_;
    std::uint64_t data_bytes_ = 0;
    StubPieces pieces_;
    StubRing ring_;
    std::uint32_t owner_ = 0;
    RemoteAddr stop_pc_;
    RemoteAddr unblocked_pc_;
    bool planted_ = false;
    bool stopped_to_write_ = false;
    std::vector<Entry> entries_;
    std::vector<Slot> slots_;
};

}  // namespace corotrace
