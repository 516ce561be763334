// SPDX-License-Identifier: MIT
// Why the last reference went: from the state of the interpreter, then from the instruction that ran. Pure.
#pragma once

#include <optional>
#include <string>

#include "cpython_layouts/layout.hpp"
#include "tracer/diagnose/drop_site.hpp"
#include "tracer/diagnose/site_code.hpp"
#include "tracer/findings/finding.hpp"

namespace corotrace {

// Whether the innermost function's instruction is one during which another function can have ended.
[[nodiscard]] bool can_have_ended(const Layout& layout, const DropSite& site);

// Whether the innermost function's instruction is one that may let go of an exception, and with it of the
// variables of the functions which that has left.
[[nodiscard]] bool may_drop_exception(const Layout& layout, const DropSite& site);

// What needs no look at the innermost function: the interpreter or thread ended, the collector was at work, a
// function ended. kUnknown: none of these.
[[nodiscard]] DropCause find_outer_cause(const Layout& layout, const DropSite& site, bool stack_known);

// What the innermost function's instruction shows, where none of the above is so.
[[nodiscard]] DropCause find_instruction_cause(const Layout& layout, const DropSite& site,
                                               const SiteCode& code);

// By which name the innermost function called the collector: "gc.collect". Null: it did not, so the collector
// ran by itself, or it is not known.
[[nodiscard]] std::optional<std::string> find_collector_call(const Layout& layout, const DropSite& site);

}  // namespace corotrace
