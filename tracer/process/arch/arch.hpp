// SPDX-License-Identifier: MIT
// What depends on the processor: how a stopped thread's registers are laid out, and the machine code of the
// stub that a probe's slot is pointed at. Each processor has files of its own, which are compiled on every
// machine; host.cpp takes the one that CMake names. Nothing else in the tree knows which one it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "symbols/address.hpp"
#include "symbols/bytes.hpp"
#include "symbols/result.hpp"

namespace corotrace::arch {

// What the kernel maps at least.
inline constexpr std::uint64_t kPageBytes = 4096;

struct Registers {
    std::uint64_t pc = 0;
    std::uint64_t sp = 0;
    std::uint64_t thread_id = 0;         // what pthread_self() returns in the thread
    std::vector<std::uint64_t> general;  // all registers, in the kernel's order
};

// Parses the NT_PRSTATUS register set as PTRACE_GETREGSET gives it. Errors: malformed (size).
[[nodiscard]] Result<Registers> parse_registers(ByteView prstatus);

// Where the stub finds its data block's fields (byte offsets). Who writes them: probes/stub_data.hpp.
struct DataOffsets {
    Offset overflow = 0;         // the row of those that found no other
    Offset call_overflow = 0;    // the same for calls, see StubCallKey
    Offset budget = 0;           // i64: stops that may still be asked for; see kMostDebt
    Offset attempts = 0;         // u64: stops asked for
    Offset refused = 0;          // u64: stops not asked for, see make_stub()
    Offset initial_stops = 0;    // u32: stops that a new row may ask for
    Offset pid = 0;              // u32: the process that may ask, as it calls itself
    Offset walk_depth = 0;       // u32: frames that a key is made of, 0: none, see StubWalk
    Offset captures = 0;         // u64 each: addresses of the ring's parts, see CaptureLayout
    Offset capture_room = 0;     // u32: captures in it, a power of two, or 0
    Offset capture_next = 0;     // u32: captures begun
    Offset capture_freed = 0;    // u32: of these, read and cleared again
    Offset captures_lost = 0;    // u64: tries that found the ring full
    Offset capture_only = 0;     // u32: not 0: captures take the place of stops
    Offset task_finalizer = 0;   // u64, see StubTaskKey
    Offset directory = 0;        // u64 each: addresses of pieces of the table
    std::uint32_t capacity = 0;  // rows in all
};

// So far below 0 the budget may come by the first stops of rows, each of which tells most of its place.
inline constexpr std::int32_t kMostDebt = 32;

// The table is made of pieces, for no unused bytes are large enough for all of it. A row is claimed once, for
// one key, and never freed while the stub is in place.
struct RowLayout {
    static constexpr std::uint32_t kRowsPerPiece = 16;
    // Rows that a key looks at, each so many further as it may look at yet; then it finds none. With 900 keys
    // in 976 rows less than 0.1 find none, and a key is found at the third look; neighbours in turn would be
    // 0.9 keys with 256 looks, and the sixth (simulated, random keys).
    static constexpr std::uint32_t kMostProbes = 64;
    static constexpr std::uint8_t kKey = 0;      // u48
    static constexpr std::uint8_t kStops = 6;    // u8: stops asked for; wraps around
    static constexpr std::uint8_t kGranted = 7;  // u8: stops allowed on top of `initial_stops`; wraps too
    static constexpr std::uint32_t kSize = 8;
    static constexpr std::uint32_t kCounts = kRowsPerPiece * kSize;  // u32 each, behind a piece's rows; wrap
    static constexpr std::uint8_t kOverflowCount = kSize;            // that of a row outside of the pieces
    static constexpr std::uint32_t kPieceBytes = kCounts + kRowsPerPiece * 4;
};

// A place that the stub noted itself, at the first drop of its row. The ring is emptied by whoever reads it.
struct CaptureLayout {
    static constexpr std::uint32_t kFrames = 14;
    static constexpr std::uint8_t kKey = 0;     // u48; written last, 0 until then
    static constexpr std::uint8_t kCode = 8;    // u56: what the key was made from, before the frames
    static constexpr std::uint8_t kDepth = 15;  // u8: frames that there are, at most kMostDepth
    static constexpr std::uint8_t kMostDepth = 64;
    // u64 each, innermost frame first; 0: no further one. None while the collector is at work.
    static constexpr std::uint8_t kWords = 16;
    static constexpr std::uint32_t kSize = kWords + kFrames * 8;
    // The ring lies in parts of so many.
    static constexpr std::uint32_t kPartShift = 3;
    static constexpr std::uint32_t kPerPart = 1U << kPartShift;
    // A word: an address of a code object, which is aligned to 8, and where in it the frame is: in units of
    // 2 bytes from the object's address, or where frames hold a count, that. All ones: out of range.
    static constexpr std::uint8_t kPlaceBits = 20;
    static constexpr std::uint32_t kNoPlace = (1U << kPlaceBits) - 1;
};
static_assert(CaptureLayout::kSize == 128);

// How a key is mixed: for each word, key = (key ^ word) * kMultiplier, then key ^= key >> kShift.
struct SiteHash {
    static constexpr std::uint64_t kMultiplier = 0x9e3779b97f4a7c15ULL;
    static constexpr std::uint8_t kShift = 29;
    static constexpr std::uint8_t kPointerBits = 47;  // of an address that is followed; it is aligned to 8
    static constexpr std::uint8_t kKeyBits = 48;      // of the result
};

// The function that has just ended, whose frame lies behind that of the innermost function on the data stack
// while its variables are cleared.
struct StubEndedWalk {
    Offset owner = 0;        // int8 of a frame; 0: it is on the data stack
    Offset executable = 0;   // code object, its low two bits may be tags
    Offset slots = 0;        // int32 of a code object: words of its frame
    Offset stack_size = 0;   // int32: the others
    Offset locals = 0;       // bytes before them
    Offset stack_chunk = 0;  // of a thread state: where the present piece of the data stack begins
    Offset stack_top = 0;    // and where the next frame will be
};

// While the collector is at work a key says so; and of what it finalizes itself, which other references
// show, a key has no frames, for the collector runs anywhere.
struct StubCollecting {
    static constexpr std::uint64_t kWord = 1;  // what is mixed then
    RemoteAddr flag;                           // int32; null: it is one of the interpreter's
    Offset interpreter = 0;                    // of a thread state: pointer to its interpreter
    Offset collecting = 0;                     // int32 of that
    Offset refcount = kAbsent;                 // u32 of an object; absent: of one alone it tells nothing
};

// With `walk_depth` frames and more than 0 a row's key is that of a site: its code and, of so many innermost
// frames, the instruction, mixed as SiteHash says. The low two bits stay the code's tag. The first drop of
// such a row is captured, see CaptureLayout.
struct StubWalk {
    RemoteAddr current_thread;  // a function without arguments that returns the thread state, or null
    Offset frame = 0;           // of a thread state: pointer to the innermost frame
    Offset indirect = kAbsent;  // or to a structure that has this pointer at `indirect`
    Offset previous = 0;        // of a frame
    Offset code = kAbsent;      // null: `instruction` is an address; else an int32, added to this pointer
    Offset instruction = 0;
    Offset executable = 0;               // code object of a frame, its low two bits may be tags
    std::int32_t most_debt = kMostDebt;  // more where a capture tells less than a stop
    std::optional<StubEndedWalk> ended;
    std::optional<StubCollecting> collecting;
};

// "The integer at `field` of the object (or of what its pointer at `through` points to) equals `value`".
struct StubCondition {
    Offset through = kAbsent;  // a null pointer there means: no
    Offset field = 0;
    int width = 1;  // 1 or 4 bytes
    std::int32_t value = 0;
};

// While the u64 at `flag` of the data block is not 0, count no further than the u64 at `limit`.
struct StubLimit {
    Offset flag = 0;
    Offset limit = 0;
};

// What a task runs: the code of its coroutine. A task is an object whose type's `finalizer` is what the data
// block says, unless that is 0.
struct StubTaskKey {
    Offset finalizer = 0;  // of a type
    Offset coroutine = 0;  // pointer of a task, may be null
    RemoteAddr coroutine_type;
    Offset code = 0;  // of a coroutine; its low two bits may be tags
};

// The key of a call's row, from the second argument of a vectorcall with two, which is an exact dict with a
// table no larger than a new one's: what the task runs that is its third value or, else, its second; if
// neither is one, the type of the third value, or if it has two the second key. Any other table gives key 0.
struct StubCallKey {
    static constexpr std::uint8_t kTag = 3;  // in the low bits
    // Set where the task was the third value.
    static constexpr std::uint64_t kThird = std::uint64_t{1} << SiteHash::kPointerBits;
    RemoteAddr dict_type;
    Offset type = 0;                   // of an object
    Offset keys = 0;                   // of a dict: pointer to its table
    std::vector<StubCondition> table;  // of a new one; none with `through`
    Offset entry_count = 0;            // u64 of the table
    Offset second_key = 0;             // pointers of the table
    Offset second_value = 0;
    Offset third_value = 0;
    std::optional<StubTaskKey> task;
};

// What is in the low bits of a row's key: of its kind.
inline constexpr std::uint64_t kKeyTagMask = 3;
[[nodiscard]] constexpr bool is_call_key(std::uint64_t key) {
    return (key & kKeyTagMask) == StubCallKey::kTag;
}

// An entry of the stub: what a slot is pointed at.
struct StubEntry {
    // Which objects are counted, have rows and may stop; without one the entry only counts calls.
    std::optional<StubCondition> condition;
    Offset counter = 0;              // u64 of the data block
    std::optional<StubLimit> limit;  // of an entry that only counts
    // Loads from the object to the key of its row: one offset a load, a null pointer ends it (key 0).
    std::vector<Offset> key_path;
    bool untag_key = false;               // clear the low two bits of what was loaded (tagged references)
    std::uint8_t key_tag = 0;             // below 3, put in the low bits, so that kinds do not share rows
    std::optional<StubCallKey> call_key;  // of a vectorcall, which then is counted and may stop
    bool announces = false;  // of a function with up to four arguments: each call stops, none is counted
    RemoteAddr original;     // where every call goes on to
};

struct StubSpec {
    RemoteAddr data;
    DataOffsets offsets;
    int stop_signal = 0;
    std::vector<StubEntry> entries;
    std::optional<StubWalk> walk;  // null: a row's key is its code
};

struct StubCode {
    std::vector<std::byte> bytes;
    std::vector<Offset> entries;  // start of each entry
    Offset stop_pc = 0;           // pc of a thread that stopped for us
    Offset unblocked_pc = 0;      // the same of one that had blocked the signal: it is unblocked there
};

// Machine code of the stub. Pure; the code is position independent except for the data block's address.
// It changes only registers that a called function may change, needs 72 bytes of stack and what
// `current_thread` needs, and leaves the signal mask as it was. A process with another pid, which is a forked
// child, asks for no stop and takes the budget away from its copy of the block. A signal that the program
// handles by now is not sent, for with nobody tracing its handler would run. Where the signal is blocked, it
// is unblocked for one system call, unless one of somebody else waits there to be taken (sigwait(3),
// signalfd(2)). Errors: internal (a condition that it cannot express).
[[nodiscard]] Result<StubCode> make_stub(const StubSpec& spec);

// What a thread that stopped at `stop_pc` or `unblocked_pc` holds.
struct StubStop {
    RemoteAddr object;     // the argument of the slot; of a call with a call_key, its second; null: announced
    RemoteAddr row;        // its row of the table
    RemoteAddr code;       // where the code (u64) is kept that the row's key was made from
    std::uint64_t sp = 0;  // stack pointer with which the stub was entered; of a call with a call_key a
                           // little below
};
[[nodiscard]] StubStop stub_stop(const Registers& registers);

// Of a thread that stopped before or after a system call: whether that executes a program.
[[nodiscard]] bool is_exec_call(const Registers& registers);

// Who called the stub.
struct StubCaller {
    RemoteAddr return_address;  // where it is kept
    std::uint64_t sp = 0;       // stack pointer of the caller after the call
};
// `is_call`: of a call with a call_key.
[[nodiscard]] StubCaller stub_caller(const StubStop& stop, bool is_call);

// The stub's code in the assembler's language, a line an instruction. For people and tests.
[[nodiscard]] Result<std::string> list_stub(const StubSpec& spec);

}  // namespace corotrace::arch
