// SPDX-License-Identifier: MIT
// RelatedLines: what a report for people says of the sites that belong to a site (related_sites.hpp): "#3
// Task-7 of poll() was destroyed while it was pending".
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tracer/findings/merged_sites.hpp"

namespace corotrace {

class RelatedLines {
public:
    // The number that the report shows for a site, which is at that index of the list; 0: it shows none.
    using NumberOf = std::function<std::size_t(const Finding&, std::size_t)>;

    RelatedLines() = default;
    RelatedLines(const std::vector<const Finding*>& sites, const NumberOf& number_of);
    RelatedLines(const std::vector<MergedSite>& sites, const NumberOf& number_of);

    // They have passed printable().
    [[nodiscard]] const std::vector<std::string>& of(const Finding& site) const;

private:
    std::unordered_map<std::string, std::vector<std::string>> lines_;  // by fingerprint
};

}  // namespace corotrace
