// SPDX-License-Identifier: MIT
// A look at what is there now: held coroutines (scan) and the tasks of asyncio (tasks). Memory is only read:
// nothing is stopped, traced or written, so it goes beside any tracer, and on core files.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cpython_layouts/preview.hpp"
#include "symbols/core_files.hpp"
#include "symbols/process_image.hpp"
#include "symbols/word_scan.hpp"
#include "tracer/findings/held.hpp"

namespace corotrace {

// A core file to look at, and where the files are that its process had mapped.
struct CoreOptions {
    std::string path;
    CoreFileSearch search;
};

struct ScanOptions {
    pid_t pid = 0;
    std::optional<CoreOptions> core;    // instead of a process
    std::optional<PreviewCaps> values;  // show the values of arguments
    // What is created now may be awaited in a microsecond: it is examined so often, at this distance.
    int looks = 3;
    std::chrono::milliseconds between{20};
    std::chrono::milliseconds max_holder_time{10'000};  // for the search of what holds them
    bool checks_lists = false;  // hold the result against the collector's lists: needs the target to rest
    bool freezes = false;       // stop the process for the look
    std::uint64_t max_bandwidth = 0;          // bytes a second that are read at most; 0: no limit
    ScanThreads threads = ScanThreads::kOne;  // that read the image; a process decides it itself
    std::function<bool(std::uint64_t bytes_read)> goes_on;  // asked at each read; false ends the look
    std::function<void()> thaw;  // of a stopped process: called when all but the last looks is done
};

// Errors: gone, denied, unsupported (no CPython, or one without a table), for a core also io, malformed and
// usage, each a sentence for the user.
[[nodiscard]] Result<HeldReport> scan_process(const ScanOptions& options);
[[nodiscard]] Result<TaskReport> list_tasks(const ScanOptions& options);

// The parts of a mapping that hold anything.
using FindResident = std::function<std::vector<AddressSpan>(const Mapping& mapping)>;

// Of any image. `what` names it in errors: "process 4711".
[[nodiscard]] Result<HeldReport> scan_image(const ProcessImage& image, const std::string& what,
                                            const FindResident& resident, const ScanOptions& options);
[[nodiscard]] Result<TaskReport> list_tasks_of_image(const ProcessImage& image, const std::string& what,
                                                     const FindResident& resident,
                                                     const ScanOptions& options);

}  // namespace corotrace
