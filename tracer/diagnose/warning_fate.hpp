// SPDX-License-Identifier: MIT
// Would anyone have seen it: what the program's filters make of Python's own warning of a drop.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cpython_layouts/layout.hpp"
#include "cpython_layouts/warning_filters.hpp"
#include "symbols/remote_memory.hpp"
#include "tracer/findings/finding.hpp"

namespace corotrace {

// The warning that Python gives.
struct OwnWarning {
    std::string text;                   // its first line
    bool has_origin = false;            // where it was created follows
    std::optional<int> line;            // that it blames; null: not known
    std::optional<std::string> module;  // the same
};

// The first filter that fits decides. Null: not known, for a filter before it may fit or not. Pure.
[[nodiscard]] std::optional<WarningFacts> judge_warning(const std::vector<WarningFilter>& filters,
                                                        const std::string& default_action,
                                                        const OwnWarning& warning);

// For a drop in `interpreter`, by the filters as they are now. Null: not known. Cost: some 10 reads a
// filter, and where one names a module some 10 for each module: use a page cache.
[[nodiscard]] std::optional<WarningFacts> find_warning_fate(const RemoteMemory& memory, const Layout& layout,
                                                            RemoteAddr interpreter, const Finding& finding);

}  // namespace corotrace
