// SPDX-License-Identifier: MIT
#include "tracer/cli/watch_options.hpp"

#include "tracer/cli/values.hpp"

namespace corotrace::cli {

Status read_watch_options(const Arguments& arguments, AttachOptions& watch) {
    CT_TRY(watch.include, read_patterns(arguments, "--include"));
    CT_TRY(watch.exclude, read_patterns(arguments, "--exclude"));
    CT_TRY(watch.own, read_patterns(arguments, "--own"));
    if (const auto given = arguments.value("--origin")) {
        CT_TRY(const Origin origin, parse_origin(*given));
        watch.origin = origin.mode;
        watch.origin_depth = origin.depth;
    }
    if (const auto given = arguments.value("--max-pause-share")) {
        CT_TRY(watch.max_pause_share, parse_share(*given));
    }
    return {};
}

}  // namespace corotrace::cli
