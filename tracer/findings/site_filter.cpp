// SPDX-License-Identifier: MIT
#include "tracer/findings/site_filter.hpp"

#include <fnmatch.h>

#include <algorithm>

namespace corotrace {
namespace {

bool matches_any(const std::vector<std::string>& patterns, const std::string& qualname,
                 const std::string& file) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
        return ::fnmatch(pattern.c_str(), qualname.c_str(), 0) == 0 ||
               ::fnmatch(pattern.c_str(), file.c_str(), 0) == 0;
    });
}

}  // namespace

bool SiteFilter::accepts(const std::string& qualname, const std::string& file) const {
    if (matches_any(exclude_, qualname, file)) return false;
    return include_.empty() || matches_any(include_, qualname, file);
}

bool SiteFilter::accepts(const Finding& finding) const {
    const auto& file = finding.blamed ? finding.blamed->file : finding.coroutine.file;
    return accepts(finding.coroutine.qualname.value_or(""), file.value_or(""));
}

}  // namespace corotrace
