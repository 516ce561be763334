// SPDX-License-Identifier: MIT
// Which mistake a drop was: by the coroutine itself, by the library function that dropped it, by the
// instruction that dropped it, in this order. The ids are part of the output and never change their meaning.
// What no rule knows is "unknown", with a sentence that says so.
#pragma once

#include <optional>

#include "cpython_layouts/layout.hpp"
#include "tracer/diagnose/drop_site.hpp"
#include "tracer/diagnose/source_lines.hpp"
#include "tracer/findings/finding.hpp"
#include "tracer/findings/own_code.hpp"

namespace corotrace {

struct Diagnosis {
    Mistake mistake;
    std::optional<Frame> created;           // only if the code proves it
    DropCause cause = DropCause::kUnknown;  // if that was not known before
    bool thrown_away = false;               // by what called the function
    bool by_parameter = false;              // see SeenMistake
};

// Pure. `finding` is complete except for `mistake` and `created`, and for the cause where the instruction
// tells it.
[[nodiscard]] Diagnosis diagnose(const Layout& layout, const DropSite& site, const Finding& finding,
                                 const SourceLines& sources, const OwnCode& own);

// Whether an event loop's frame is on the stack of the drop.
[[nodiscard]] bool runs_in_loop(const Finding& finding);

}  // namespace corotrace
