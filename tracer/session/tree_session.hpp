// SPDX-License-Identifier: MIT
// run_tree: watches a process and its descendants, those that are there and those that come, each by a
// session of its own (run_attach) in a thread of its own. New ones are found by looking, every 20 ms if that
// is cheap: nothing is asked of the kernel that would stop a process at fork. What a child drops before it is
// found is not counted, and its summary says so. A process that executes another Python program is watched
// again.
#pragma once

#include "symbols/result.hpp"
#include "tracer/findings/run_report.hpp"
#include "tracer/findings/stop_request.hpp"
#include "tracer/session/attach_options.hpp"

namespace corotrace {

struct TreeEnd {
    RunSummary total;
    bool lost = false;  // control of a process was lost
};

// Tells `report` all but its begin and end. Ends with the deadline, a signal, or when none of the processes
// is left. Precondition and errors: as
// run_attach(), of the first process; that of another is noted if somebody can do something about it, and it
// is left alone.
[[nodiscard]] Result<TreeEnd> run_tree(const AttachOptions& options, RunReport& report,
                                       const StopRequest& stop);

}  // namespace corotrace
