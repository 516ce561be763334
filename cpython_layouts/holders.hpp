// SPDX-License-Identifier: MIT
// Holders: by which path objects are held, from something that Python code can name (a module, a class, a
// function) or from a frame: by one look through memory for what points to them, another for what owns the
// words found, and the same for the holders in turn. What was not found is not guessed.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "cpython_layouts/holder_slot.hpp"
#include "symbols/timed_memory.hpp"

namespace corotrace {

struct HolderPath {
    std::string path;  // "app.pending[17]", "jobs[3]" of a frame, "<app.Cache>.job" without a root; hostile
    std::string general;  // the same for all items of a container: "app.pending[...]"
    HolderRoot root = HolderRoot::kNone;
    std::optional<RawFrame> frame;
};

struct HolderSearch {
    std::unordered_map<RemoteAddr, HolderPath> paths;  // of what has a holder that is known
    std::uint64_t looks = 0;                           // through all of memory
    bool ended_early = false;                          // for the time
};

struct HolderLimits {
    std::size_t max_depth = 8;                   // holders of holders
    std::chrono::milliseconds max_time{10'000};  // each read asks; 2 s more to name what was found
    TimedMemory::Clock clock = TimedMemory::read_steady_time;
    std::optional<PreviewCaps> values;        // show the keys of dicts
    ScanThreads threads = ScanThreads::kOne;  // two: the memory must allow two reads at once
};

// Needs nothing stopped: each word of a path is read again at the end. Of several paths the shortest.
// Cost: reads all of `spans` twice for each step of the longest path. Errors: gone, unsupported
// (free-threaded builds: nothing there tells an object that lives from one that was freed).
[[nodiscard]] Result<HolderSearch> find_holders(const RemoteMemory& memory, const PythonProcess& python,
                                                std::span<const AddressSpan> spans, CodeCache& codes,
                                                std::span<const RemoteAddr> objects,
                                                const HolderLimits& limits);

}  // namespace corotrace
