// SPDX-License-Identifier: MIT
// SiteFilter: --include and --exclude. A pattern is a shell glob (fnmatch(3), `*` also matches `/`) that has
// to match the whole qualified name of the coroutine or its whole file path.
#pragma once

#include <string>
#include <vector>

#include "tracer/observe/attach_options.hpp"

namespace corotrace {

class SiteFilter {
public:
    explicit SiteFilter(const AttachOptions& options)
        : include_(options.include), exclude_(options.exclude) {}

    // True if no pattern was given, so that nothing needs to be asked.
    [[nodiscard]] bool accepts_all() const { return include_.empty() && exclude_.empty(); }
    // An unknown name or file is "" here and matches only `*`. Cost: one fnmatch(3) or two a pattern.
    [[nodiscard]] bool accepts(const std::string& qualname, const std::string& file) const;

private:
    std::vector<std::string> include_;
    std::vector<std::string> exclude_;
};

}  // namespace corotrace
