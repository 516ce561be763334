// SPDX-License-Identifier: MIT
// What a killed corotrace left in a target, whatever the instant: a data block alone, block and stub with no,
// some or all slots turned, or a block whose stub is cleared already. Found by the magic numbers in the tails
// of all modules' segments, so no slot has to lead there. Also the steps of putting back that an orderly
// removal shares with this one.
//
// The caller must be the target's tracer (seized at least its first thread), which keeps two corotraces from
// removing what the other one uses, or have asked is_watched().
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include "symbols/process_memory.hpp"
#include "symbols/symbol_index.hpp"
#include "tracer/probes/stub_data.hpp"
#include "tracer/probes/stub_tally.hpp"

namespace corotrace {

struct AddressRange {
    RemoteAddr start;
    RemoteAddr end;
    [[nodiscard]] bool contains(RemoteAddr address) const { return start <= address && address < end; }
};

[[nodiscard]] std::vector<RemoteAddr> starts_of(const std::vector<AddressRange>& ranges);

struct Leftover {
    AddressRange data;
    std::vector<AddressRange> pieces;  // of its table, that lie elsewhere
    AddressRange stub;
    bool has_stub = false;  // false: not written yet, or cleared already
    std::vector<SlotRecord> slots;
    OriginRecord origin;     // for put_back_origins(), before this is removed
    std::uint32_t beat = 0;  // see StubDataHeader
};

// Everything that carries our marks and is plausible. Cost: one read a tail, about 1.5 us each.
// Errors: gone; and if nothing was found, denied or unreadable where a part could not be examined.
[[nodiscard]] Result<std::vector<Leftover>> find_leftovers(const RemoteMemory& memory, SymbolIndex& symbols);

// Whether a corotrace that traces nobody just now watches by one of these: its beat goes on. `meanwhile` as
// below. Cost: nothing where none has a beat; else up to kBeatAtLeast, if it was killed.
constexpr std::chrono::seconds kBeatAtLeast{2};
[[nodiscard]] bool is_watched(const RemoteMemory& memory, const std::vector<Leftover>& leftovers,
                              const std::function<void()>& meanwhile);

// Takes one out: slots back, wait until no thread is inside, stub and block to zero. Returns what it had
// counted, nothing if that cannot be read. `meanwhile` resumes threads that stop. Errors: timeout (a thread
// may be inside: the bytes stay), malformed (an original that is no code, or somebody else's code calls on
// through the stub: everything stays), unreadable, gone.
[[nodiscard]] Result<StubTally> remove_leftover(pid_t pid, const ProcessMemory& memory,
                                                const Leftover& leftover,
                                                const std::function<void()>& meanwhile);

// One aligned 8-byte write.
[[nodiscard]] Status write_slot(const ProcessMemory& memory, RemoteAddr slot, RemoteAddr value);
// Puts `original` back if the slot leads into `stub`. A slot that is unmapped or holds anything else than
// code belongs to somebody else by now and is left alone. Errors: malformed (other code stands there that may
// call on through the stub; or `original` is no code), gone.
[[nodiscard]] Status restore_slot(pid_t pid, const ProcessMemory& memory, RemoteAddr slot,
                                  RemoteAddr original, AddressRange stub);
// The version of the function whose vectorcall slot this is (see SlotPlan::call_version), and its record.
[[nodiscard]] constexpr RemoteAddr version_of(RemoteAddr slot) {
    return slot + sizeof(std::uint64_t);
}
[[nodiscard]] constexpr SlotRecord version_record(RemoteAddr slot, std::uint32_t version) {
    return {.address = version_of(slot).value | 1, .original = version};
}
[[nodiscard]] Status write_version(const ProcessMemory& memory, RemoteAddr slot, std::uint32_t version);
// Puts `version` back if it is 0 now and the slot leads into `stub`, so that it is the same function still.
// To be done before restore_slot(). Errors: gone.
[[nodiscard]] Status restore_version(const ProcessMemory& memory, RemoteAddr slot, std::uint32_t version,
                                     AddressRange stub);
// Zeroes the stub once no thread can be in it; nothing may lead there any more. Errors: as remove_leftover().
[[nodiscard]] Status clear_stub(pid_t pid, const ProcessMemory& memory, AddressRange stub,
                                const std::function<void()>& meanwhile);
[[nodiscard]] Status write_zeros(const ProcessMemory& memory, RemoteAddr start, std::uint64_t bytes);

}  // namespace corotrace
