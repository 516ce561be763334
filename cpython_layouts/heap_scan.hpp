// SPDX-License-Identifier: MIT
// HeapScan: the coroutines, async generators, their asend() and athrow() objects and the asyncio tasks that
// are alive in a process, and the futures that failed and whose exception nobody has asked for: found by
// their type's address in all memory that may hold objects. Nothing is stopped: what is found was there when
// it was examined, and is checked field by field.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cpython_layouts/live_types.hpp"
#include "cpython_layouts/python_process.hpp"
#include "symbols/word_scan.hpp"

namespace corotrace {

enum class LiveState : std::uint8_t { kCreated, kStarted, kEnded };

struct LiveObject {
    RemoteAddr address;
    LiveKind kind = LiveKind::kCoroutine;
    LiveState state = LiveState::kCreated;  // of a task: that of its coroutine
    RemoteAddr code;       // of a coroutine or async generator; null if it has ended and lost it
    RemoteAddr coroutine;  // of a task
};

struct HeapScan {
    std::vector<LiveObject> objects;  // by address
    ScanFigures figures;
    bool capped = false;  // there were more than kMaxLiveObjects
    std::vector<std::string> notes;
};
inline constexpr std::size_t kMaxLiveObjects = std::size_t{1} << 24;

// Where objects may be: what is mapped private and writable.
[[nodiscard]] std::vector<Mapping> find_object_memory(const MemoryMap& map);

// Whether what is read may change meanwhile: not in a core, or a process that is stopped.
enum class HeapState : std::uint8_t { kRuns, kStands };

// Needs nothing stopped. Cost: reads all of `spans` once, and some 10 reads an object; of a program that runs
// up to 2 s more if the collector is at work on one. `memory` must allow two reads at once, if that many
// threads are to read. Errors: gone.
[[nodiscard]] Result<HeapScan> scan_heap(const RemoteMemory& memory, const PythonProcess& python,
                                         std::span<const AddressSpan> spans, HeapState state,
                                         ScanThreads threads = ScanThreads::kOne);

// The same object, read again: nothing if it is not there any more or is another one by now.
[[nodiscard]] std::optional<LiveObject> read_again(const RemoteMemory& memory, const Layout& layout,
                                                   const LiveObject& object);

// Whether the collector's list runs through `object` in both directions, so that it is a live one. Always
// true in free-threaded builds, which have no such lists.
[[nodiscard]] bool is_tracked(const RemoteMemory& memory, const Layout& layout, RemoteAddr object);

// Whether what is at `object` has a count of references that can be, and is tracked, or the collector is just
// at work on it.
[[nodiscard]] bool is_alive(const RemoteMemory& memory, const Layout& layout, RemoteAddr object);

// What the collector's lists hold of one type: the rings that run through `starts`, walked once round.
// Needs the target held still. Errors: malformed (a list that does not close), unreadable.
[[nodiscard]] Result<std::vector<RemoteAddr>> walk_collector_lists(const RemoteMemory& memory,
                                                                   const Layout& layout,
                                                                   std::span<const RemoteAddr> starts,
                                                                   RemoteAddr type);

}  // namespace corotrace
