// SPDX-License-Identifier: MIT
// FindingSink: whom a session tells. A report format implements it; so do the tests.
#pragma once

#include <vector>

#include "tracer/findings/finding.hpp"

namespace corotrace {

class FindingSink {
public:
    FindingSink() = default;
    FindingSink(const FindingSink&) = delete;
    FindingSink& operator=(const FindingSink&) = delete;
    virtual ~FindingSink() = default;

    virtual void on_attached(const AttachedFacts& facts) = 0;
    virtual void on_finding(const Finding& finding) = 0;
    // Called about ten times a second while a session runs; a format without a status line ignores it.
    virtual void on_progress(const Progress& progress) = 0;
    // At the end: all sites by falling count, then the totals.
    virtual void on_end(const std::vector<SiteCount>& sites, const Summary& summary) = 0;
    // Last, where children are followed: a sink of its own is told this and nothing else.
    virtual void on_total(const TreeSummary& /*total*/) {}
};

}  // namespace corotrace
