// SPDX-License-Identifier: MIT
// The data block that the stub and corotrace share, in zeroed bytes of the target. The stub adds to the
// counters and claims rows; corotrace reads them and grants stops. Everything read here may have been changed
// by the target: counts are reported, addresses are checked before use.
//
// It begins with what a later corotrace needs to undo everything after a kill -9: a magic number, the stub's
// place and, for each slot that points to it, where that is and what was there.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "symbols/process_memory.hpp"
#include "tracer/process/arch/arch.hpp"

namespace corotrace {

// "COROTRC" and the version of this layout. The same word, inverted, stands before the stub's code, followed
// by the block's address. Everything up to StubDataHeader::slots keeps its place in later versions, so that
// any corotrace can remove what another left.
inline constexpr std::uint64_t kStubMagic = 0x38435254'4f524f43ULL;
inline constexpr std::uint64_t kStubHeaderBytes = 16;

// A pointer of the target that was changed. With an odd address: the u32 right behind the pointer of the
// record before this one, which was changed together with it.
struct SlotRecord {
    std::uint64_t address = 0;
    std::uint64_t original = 0;
};
inline constexpr std::size_t kMaxSlots = 24;

// Depths of origin tracking that were written into thread states (see OriginTracking).
struct OriginRecord {
    std::int32_t before = 0;  // the highest that a thread had
    std::int32_t steady = 0;  // ours; 0: none was written
    std::int32_t deep = 0;    // ours, too
    std::int32_t unused = 0;
};

// Rows as they stand in the target.
struct RawPiece {
    std::array<std::uint64_t, arch::RowLayout::kRowsPerPiece> rows{};
    std::array<std::uint32_t, arch::RowLayout::kRowsPerPiece> counts{};
};
static_assert(sizeof(RawPiece) == arch::RowLayout::kPieceBytes);
// One outside of the table.
struct RawRow {
    std::uint64_t row = 0;
    std::uint32_t count = 0;
    std::uint32_t unused = 0;
};

// And as corotrace takes one.
struct StubRow {
    std::uint64_t key = 0;      // of a site, or its code | kind tag; 0: free, or an overflow row
    std::uint64_t count = 0;    // modulo 2^32
    std::uint32_t stops = 0;    // asked for; wraps around at 2^8
    std::uint32_t granted = 0;  // such that `stops - granted` is right, wrapped or not
};
[[nodiscard]] StubRow parse_row(std::uint64_t row, std::uint32_t count);
[[nodiscard]] inline StubRow parse_row(const RawRow& raw) {
    return parse_row(raw.row, raw.count);
}

// A place that the stub noted: the code of what was dropped, and the frames, innermost first.
struct CapturedFrame {
    RemoteAddr code;
    std::optional<std::uint32_t> place;  // see arch::CaptureLayout; null: out of range
};
struct StubCapture {
    std::uint64_t key = 0;
    std::uint64_t code = 0;  // code object | kind tag
    std::vector<CapturedFrame> frames;
    std::uint32_t depth = 0;  // frames that the thread had; 0: none, or the collector was at work
};
struct RawCapture {
    std::uint64_t key = 0;
    std::uint64_t code = 0;
    std::array<std::uint64_t, arch::CaptureLayout::kFrames> words{};
};
static_assert(sizeof(RawCapture) == arch::CaptureLayout::kSize);
[[nodiscard]] StubCapture parse_capture(const RawCapture& raw);

inline constexpr std::uint32_t kMostCaptures = 64;

struct StubDataHeader {
    std::uint64_t magic = kStubMagic;
    std::uint64_t stub = 0;        // first byte of the stub's own header
    std::uint32_t stub_bytes = 0;  // header and code
    std::uint32_t data_bytes = 0;  // this block: header, directory and the pieces that follow them
    std::uint32_t capacity =
        0;  // rows, in pieces of RowLayout::kRowsPerPiece; the directory has their addresses
    std::uint32_t slot_count = 0;
    std::array<SlotRecord, kMaxSlots> slots{};
    std::uint64_t coroutines = 0;    // never awaited, on the deallocation path
    std::uint64_t agen_methods = 0;  // the same of asend(), athrow() and aclose() objects
    std::uint64_t warned = 0;        // calls on the warning path
    std::uint64_t handled = 0;       // calls of asyncio's exception handler
    // Not 0: `warned` follows `coroutines` and no further. So it is while slots are turned: a drop that
    // passed the one before and reaches the other after would make the two differ without anything being
    // missed.
    std::uint64_t following = 1;
    std::int64_t budget = 0;
    std::uint64_t attempts = 0;
    std::uint64_t refused = 0;  // stops not asked for: the program handles the signal, or waits for one
    std::uint32_t initial_stops = 0;
    std::uint32_t pid = 0;  // what getpid(2) returns in the target; forked children see that they are another
    OriginRecord origin;
    std::uint32_t walk_depth = 0;    // frames that make a key, see arch::StubWalk
    std::uint32_t capture_only = 0;  // not 0: captures take the place of stops
    // The ring's parts, of arch::CaptureLayout::kPerPart each or, if there is only one, fewer; 0: none. They
    // lie in this block or in other caves.
    std::array<std::uint64_t, kMostCaptures / arch::CaptureLayout::kPerPart> captures{};
    std::uint32_t capture_room = 0;  // in all; a power of two, or 0
    std::uint32_t capture_next = 0;
    std::uint32_t capture_freed = 0;
    std::uint32_t owner = 0;  // chosen by who planted it, so that he knows it again
    std::uint32_t beat = 0;   // not 0: its corotrace traces nobody just now, and changes this all the time
    std::uint32_t unused = 0;
    std::uint64_t captures_lost = 0;
    std::uint64_t task_finalizer = 0;  // by which a task is known, see arch::StubTaskKey; 0: not known
    RawRow overflow;                   // of the objects that found no row; its key stays 0
    RawRow call_overflow;              // the same of calls
};
inline constexpr std::size_t kPieceBytes = sizeof(RawPiece);

struct StubCounters {
    std::uint64_t coroutines = 0;
    std::uint64_t agen_methods = 0;
    std::uint64_t warned = 0;
    std::uint64_t handled = 0;
    std::uint64_t call_overflow = 0;  // of these, with keys that found no row
    std::uint64_t attempts = 0;
    std::uint64_t refused = 0;
    std::uint64_t captures_lost = 0;  // drops at places not captured yet that found no room for it
    std::uint32_t captures = 0;       // that were begun and not taken yet
    std::uint32_t owner = 0;          // as in the header

    [[nodiscard]] std::uint64_t never_awaited() const { return coroutines + agen_methods; }
    // What has a row, or had found none.
    [[nodiscard]] std::uint64_t all() const { return never_awaited() + handled; }
};

inline constexpr std::size_t kCaptureBytes =
    arch::CaptureLayout::kPerPart * sizeof(RawCapture);  // of a whole part

// The fields' places as the stub's code needs them.
[[nodiscard]] arch::DataOffsets stub_data_offsets(std::uint32_t capacity);
// Bytes of header, directory of a table of so many pieces, and ring of so many captures.
[[nodiscard]] constexpr std::size_t stub_head_bytes(std::size_t pieces, std::size_t captures) {
    return sizeof(StubDataHeader) + pieces * sizeof(std::uint64_t) + captures * sizeof(RawCapture);
}

// Where the ring of captures lies, as in the header.
struct StubRing {
    std::array<RemoteAddr, std::tuple_size_v<decltype(StubDataHeader::captures)>> parts{};
    std::uint32_t room = 0;
};

// Where the pieces of the table lie; read once, for they stay.
using StubPieces = std::vector<RemoteAddr>;
[[nodiscard]] constexpr std::uint32_t stub_capacity(std::size_t pieces) {
    return static_cast<std::uint32_t>(pieces) * arch::RowLayout::kRowsPerPiece;
}
// Where row `index` of read_stub_rows() lies.
[[nodiscard]] RemoteAddr stub_row_address(RemoteAddr data, const StubPieces& pieces, std::size_t index);

// Reads and writes of the shared fields. Errors: as ProcessMemory's; malformed (the block is not there any
// more).
[[nodiscard]] Result<StubCounters> read_stub_counters(const RemoteMemory& memory, RemoteAddr data);
// All rows, free ones included, and the overflow row last.
[[nodiscard]] Result<std::vector<StubRow>> read_stub_rows(const RemoteMemory& memory, RemoteAddr data,
                                                          const StubPieces& pieces);
// What was captured since, and makes room for more. Cost: one read, some more where there is something.
// What the stub is writing just now is left for the next call.
[[nodiscard]] Result<std::vector<StubCapture>> take_stub_captures(const ProcessMemory& memory,
                                                                  RemoteAddr data, const StubRing& ring);
[[nodiscard]] Status write_stub_beat(const ProcessMemory& memory, RemoteAddr data, std::uint32_t beat);
[[nodiscard]] Status write_stub_capture_only(const ProcessMemory& memory, RemoteAddr data, bool only);
// Sets how many more stops may be asked for. An aligned 8-byte write; a stub that takes one at the same
// instant may be forgotten, which the next refill mends.
[[nodiscard]] Status write_stub_budget(const ProcessMemory& memory, RemoteAddr data, std::int64_t stops);
// Stops that a new row may ask for; with 0, and no budget, none is asked for any more.
[[nodiscard]] Status write_stub_initial_stops(const ProcessMemory& memory, RemoteAddr data,
                                              std::uint32_t stops);
// Record `index` of the changed pointers; the count of them grows with it. A null address: none any more.
[[nodiscard]] Status write_stub_slot(const ProcessMemory& memory, RemoteAddr data, std::size_t index,
                                     const SlotRecord& record);
[[nodiscard]] Status write_stub_task_finalizer(const ProcessMemory& memory, RemoteAddr data,
                                               RemoteAddr finalizer);
[[nodiscard]] Status write_stub_origin(const ProcessMemory& memory, RemoteAddr data,
                                       const OriginRecord& record);
[[nodiscard]] Status write_stub_following(const ProcessMemory& memory, RemoteAddr data, bool following);
// The count on the warning path.
[[nodiscard]] Status write_stub_warned(const ProcessMemory& memory, RemoteAddr data, std::uint64_t count);
// From now on keys are made of so many frames; 0: of the code alone.
[[nodiscard]] Status write_stub_walk_depth(const ProcessMemory& memory, RemoteAddr data,
                                           std::uint32_t frames);
// Allows a row `granted` stops in all beyond its initial ones, modulo 2^8.
[[nodiscard]] Status write_row_grant(const ProcessMemory& memory, RemoteAddr row, std::uint32_t granted);

}  // namespace corotrace
