// SPDX-License-Identifier: MIT
// SummedSites: the sites of many programs, one a fingerprint, counts added. What it holds does not depend on
// the order in which it was told: of several first findings the earliest is kept. Memory grows with sites.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "tracer/findings/finding.hpp"

namespace corotrace {

class SummedSites {
public:
    void add(const SiteCount& site);

    [[nodiscard]] std::size_t size() const { return sites_.size(); }
    // By rising fingerprint.
    [[nodiscard]] std::vector<SiteCount> by_fingerprint() const;
    // By falling count, those that were not counted last; equal ones by fingerprint.
    [[nodiscard]] std::vector<SiteCount> by_count() const;

private:
    std::map<std::string, SiteCount, std::less<>> sites_;
};

}  // namespace corotrace
