// SPDX-License-Identifier: MIT
// warnings.filters: what the program wants to become of its warnings, as far as a RuntimeWarning is
// concerned. The first entry that fits a warning decides. Source: CPython Python/_warnings.c get_filter and
// check_matched, Modules/_sre PatternObject, 3.8 to 3.15.
//
// Nobody is stopped: what changes while it is read may be missed or fail.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cpython_layouts/layout.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

// What a text has to be equal to, or a regular expression that has to fit its start.
struct WarningPattern {
    std::string text;
    bool is_regex = false;
    bool ignores_case = false;
};

// Whether it fits a text, of which more lines may follow. Null: not known, for it depends on these, or the
// expression has more in it than text, `.`, `*`, `+` and anchors.
[[nodiscard]] std::optional<bool> fits(const WarningPattern& pattern, std::string_view text, bool goes_on);

// An entry that a RuntimeWarning can meet.
struct WarningFilter {
    std::string action;    // "default", "ignore", "always", "error", "once", "module", "all"
    std::string category;  // "RuntimeWarning" or one of its bases
    std::optional<WarningPattern> message;
    std::optional<WarningPattern> module;
    std::int64_t line = 0;  // 0: any

    [[nodiscard]] bool fits_all() const { return !message && !module && line == 0; }
};

// As the option -W writes it, "ignore::RuntimeWarning"; expressions as they are.
[[nodiscard]] std::string describe(const WarningFilter& filter);

// The entries in their order, without those of other categories. Errors: not_found (the module warnings is
// not imported), unsupported (each context has filters of its own: -X context_aware_warnings of 3.14, which
// free-threaded builds have from the start), unreadable, malformed, gone. Cost: some 10 reads an entry: use a
// page cache.
[[nodiscard]] Result<std::vector<WarningFilter>> read_warning_filters(const RemoteMemory& memory,
                                                                      const Layout& layout,
                                                                      RemoteAddr interpreter);

// What is done where no filter fits: warnings.defaultaction. Errors: as above.
[[nodiscard]] Result<std::string> read_default_warning_action(const RemoteMemory& memory,
                                                              const Layout& layout, RemoteAddr interpreter);

// What the program has put in the place of the function that shows warnings, by its qualified name. Null:
// nothing. Errors: as above.
[[nodiscard]] Result<std::optional<std::string>> read_warning_handler(const RemoteMemory& memory,
                                                                      const Layout& layout,
                                                                      RemoteAddr interpreter);

}  // namespace corotrace
