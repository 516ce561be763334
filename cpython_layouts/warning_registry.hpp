// SPDX-License-Identifier: MIT
// What Python itself remembers of its warnings: each module that was warned has a dict `__warningregistry__`
// with a key (text, category, line) for each line, so that the same is not shown twice. It is kept under the
// filter actions "default", "module" and "once", and emptied by the first warning after a change of the
// filters. Source: CPython Python/_warnings.c warn_explicit and already_warned, 3.8 to 3.15.
//
// Nobody is stopped: what changes while it is read may be missed or fail, and is there at the next look.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cpython_layouts/layout.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

struct ImportedModule {
    std::string name;  // in sys.modules
    RemoteAddr dict;
};

// Each namespace once. Errors: unreadable, gone, malformed, not_found (no sys.modules yet). Cost: 5 reads a
// module.
[[nodiscard]] Result<std::vector<ImportedModule>> read_imported_modules(const RemoteMemory& memory,
                                                                        const Layout& layout,
                                                                        RemoteAddr interpreter);

// module.__file__. Errors: not_found.
[[nodiscard]] Result<std::string> read_module_file(const RemoteMemory& memory, const Layout& layout,
                                                   RemoteAddr module_dict);

struct RegisteredWarning {
    std::string text;  // cut at kMaxWarningChars to whole lines
    int line = 0;      // 0: of no line (given while no Python code ran, or for a whole module)

    bool operator==(const RegisteredWarning&) const = default;
};

// The RuntimeWarnings among them whose text begins with `prefix`. Errors: not_found (there is no registry).
// Cost: up to 2 reads a name in the module: use a page cache.
[[nodiscard]] Result<std::vector<RegisteredWarning>> read_registered_warnings(const RemoteMemory& memory,
                                                                              const Layout& layout,
                                                                              RemoteAddr module_dict,
                                                                              std::string_view prefix);

}  // namespace corotrace
