// SPDX-License-Identifier: MIT
// FindingSink: whom the session of one target tells, from a thread of its own. SharedReport makes them.
#pragma once

#include <vector>

#include "tracer/findings/finding.hpp"
#include "tracer/findings/progress.hpp"
#include "tracer/findings/summary.hpp"

namespace corotrace {

class FindingSink {
public:
    FindingSink() = default;
    FindingSink(const FindingSink&) = delete;
    FindingSink& operator=(const FindingSink&) = delete;
    virtual ~FindingSink() = default;

    virtual void on_attached(const AttachedFacts& facts) = 0;
    virtual void on_finding(const Finding& finding) = 0;
    // About ten times a second.
    virtual void on_progress(const Progress& progress) = 0;
    // At the end: all sites by falling count, then the totals.
    virtual void on_end(const std::vector<SiteCount>& sites, const Summary& summary) = 0;
};

}  // namespace corotrace
