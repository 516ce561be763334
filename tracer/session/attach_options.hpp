// SPDX-License-Identifier: MIT
// AttachOptions: what a user asks of one attach, as plain values. Checked by the command line (a positive
// pid, durations above zero, a share between 0 and 1); the session only reads it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cpython_layouts/preview.hpp"

namespace corotrace {

// When the target's interpreter is told to record where coroutines are created (design: origin tracking).
enum class OriginMode : std::uint8_t {
    kAuto,   // only once a site turns up whose creation line cannot be inferred
    kOff,    // never written
    kDepth,  // from the start, with AttachOptions::origin_depth frames
};

// When the target's threads are traced (see hold.hpp).
enum class HoldMode : std::uint8_t {
    kUnasked,  // always, until stops turn out to be dangerous
    kAlways,
    kAuto,   // while a new place waits for its report
    kNever,  // places are captured by the stub, nobody is stopped
};

struct AttachOptions {
    pid_t pid = 0;
    std::optional<std::chrono::milliseconds> duration;  // null: until told to stop
    std::optional<std::uint64_t> max_events;  // end after this many sampled never-awaited coroutines
    std::vector<std::string> include;         // globs, see site_filter.hpp; empty: everything
    std::vector<std::string> exclude;         // stronger than include
    std::vector<std::string> own;             // globs, see own_code.hpp
    bool every = false;        // report each sampled never-awaited coroutine, not only new sites
    bool native = false;       // native frames of each drop
    bool show_values = false;  // previews of arguments but for secrets; else types and lengths
    std::vector<std::string> show_value_of;  // globs: values of these, secrets too
    OriginMode origin = OriginMode::kAuto;
    int origin_depth = 0;  // with OriginMode::kDepth; at least 1
    HoldMode hold = HoldMode::kUnasked;
    double max_pause_share = 0.01;  // of wall time, for all stops together; above 0, at most 1
    bool subprocesses = false;      // follow its children too, see process_tree.hpp
    bool source_around = false;     // keep lines around those of own frames, for a report that shows them
    bool live_counts = false;       // tell the report RunReport::on_counts() meanwhile
    bool takes_over = false;        // counts go on from those of an earlier corotrace that was killed
    bool read_only = false;         // write nothing, trace nobody: tell what Python's own warnings left
};

// What is shown of values, where any is.
[[nodiscard]] inline PreviewCaps preview_caps(const AttachOptions& options) {
    PreviewCaps caps;
    caps.all_names = options.show_values;
    caps.named = options.show_value_of;
    return caps;
}

}  // namespace corotrace
