// SPDX-License-Identifier: MIT
// ScanWatch: looks again and again at one process, and tells what stayed. Of a signal to corotrace (SIGINT,
// SIGTERM, SIGHUP) it ends in order, also in the middle of a look.
#pragma once

#include <chrono>
#include <functional>

#include "tracer/session/end_reason.hpp"
#include "tracer/session/scan.hpp"

namespace corotrace {

struct WatchEnd {
    EndReason reason = EndReason::kInterrupted;
    std::uint64_t looks = 0;  // that were shown
};

// Looks, waits for so long after the beginning of a look, and looks again. The first report has all, those
// after it only what was there at the look before too; `show` ends it by its error. The first look can be
// ended by a signal in the usual way; from then on these are blocked for the calling thread.
// Errors: those of the first look, and of `show`. That the process ends is none.
[[nodiscard]] Result<WatchEnd> watch_held(const ScanOptions& options, std::chrono::milliseconds every,
                                          const std::function<Status(const HeldReport&)>& show);
// The same of tasks: those that did not move.
[[nodiscard]] Result<WatchEnd> watch_tasks(const ScanOptions& options, std::chrono::milliseconds every,
                                           const std::function<Status(const TaskReport&)>& show);

// Notes of each group what stayed, and leaves out of a second and later report what did not.
void keep_what_stayed(HeldReport& report, StayWatch& watch, StayWatch::Time now);
void keep_what_stayed(TaskReport& report, StayWatch& watch, StayWatch::Time now);

}  // namespace corotrace
