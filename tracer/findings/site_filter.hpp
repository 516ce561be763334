// SPDX-License-Identifier: MIT
// SiteFilter: --include and --exclude. A pattern is a shell glob (fnmatch(3), `*` also matches `/`) that has
// to match the whole qualified name of the coroutine or its whole file path.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tracer/findings/finding.hpp"

namespace corotrace {

class SiteFilter {
public:
    SiteFilter(std::vector<std::string> include, std::vector<std::string> exclude)
        : include_(std::move(include)), exclude_(std::move(exclude)) {}

    // None was given: everything is accepted.
    [[nodiscard]] bool accepts_all() const { return include_.empty() && exclude_.empty(); }

    // An unknown name or file is "" here and matches only `*`. Cost: one fnmatch(3) or two a pattern.
    [[nodiscard]] bool accepts(const std::string& qualname, const std::string& file) const;
    // By the coroutine; where only a warning is known, by the file that it blamed.
    [[nodiscard]] bool accepts(const Finding& finding) const;

private:
    std::vector<std::string> include_;
    std::vector<std::string> exclude_;
};

}  // namespace corotrace
