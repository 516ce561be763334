// SPDX-License-Identifier: MIT
#include "tracer/report/related_lines.hpp"

#include <fmt/format.h>

#include "tracer/findings/related_sites.hpp"
#include "tracer/report/phrases.hpp"

namespace corotrace {

RelatedLines::RelatedLines(const std::vector<MergedSite>& sites,
                           const std::function<std::size_t(const Finding&, std::size_t)>& number_of) {
    std::vector<const Finding*> findings;
    std::unordered_map<std::string, std::size_t> places;
    for (const MergedSite& merged : sites) {
        places.emplace(merged.site.first.fingerprint, findings.size());
        findings.push_back(&merged.site.first);
    }
    for (const auto& [site, others] : find_related(findings)) {
        auto& lines = lines_[site];
        for (const std::string& other : others) {
            const std::size_t at = places.at(other);
            const std::size_t number = number_of(*findings[at], at);
            const std::string headline = describe_headline(*findings[at]);
            lines.push_back(number == 0 ? headline : fmt::format("#{} {}", number, headline));
        }
    }
}

const std::vector<std::string>& RelatedLines::of(const Finding& site) const {
    static const std::vector<std::string> kNone;
    const auto found = lines_.find(site.fingerprint);
    return found == lines_.end() ? kNone : found->second;
}

}  // namespace corotrace
