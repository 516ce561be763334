// SPDX-License-Identifier: MIT
// Would anyone have seen it: what the program's filters make of Python's own warning of a drop. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cpython_layouts/warning_filters.hpp"
#include "tracer/diagnose/drop_evidence.hpp"
#include "tracer/findings/finding.hpp"

namespace corotrace {

// The warning that Python gives.
struct OwnWarning {
    std::string text;                   // its first line
    bool has_origin = false;            // where it was created follows
    std::optional<int> line;            // that it blames; null: not known
    std::optional<std::string> module;  // the same
};

// The first filter that fits decides. Null: not known, for a filter before it may fit or not.
[[nodiscard]] std::optional<WarningFacts> judge_warning(const std::vector<WarningFilter>& filters,
                                                        const std::string& default_action,
                                                        const OwnWarning& warning);

// Null: not known.
[[nodiscard]] std::optional<WarningFacts> find_warning_fate(const WarningEvidence& evidence,
                                                            const Finding& finding);

// Python blames the innermost frame, unless it is one of the import system's.
[[nodiscard]] bool can_be_blamed(const std::string& file);
// Whether the module of the blamed file has to be known.
[[nodiscard]] bool asks_for_module(const std::vector<WarningFilter>& filters);

}  // namespace corotrace
