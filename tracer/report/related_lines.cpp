// SPDX-License-Identifier: MIT
#include "tracer/report/related_lines.hpp"

#include <fmt/format.h>

#include "tracer/findings/related_sites.hpp"
#include "tracer/report/phrases.hpp"

namespace corotrace {
namespace {

std::vector<const Finding*> findings_in(const std::vector<MergedSite>& sites) {
    std::vector<const Finding*> findings;
    findings.reserve(sites.size());
    for (const MergedSite& merged : sites) findings.push_back(&merged.site.first);
    return findings;
}

}  // namespace

RelatedLines::RelatedLines(const std::vector<const Finding*>& sites, const NumberOf& number_of) {
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t at = 0; at < sites.size(); ++at) places.emplace(sites[at]->fingerprint, at);
    for (const auto& [site, others] : find_related(sites)) {
        auto& lines = lines_[site];
        for (const std::string& other : others) {
            const std::size_t at = places.at(other);
            const std::size_t number = number_of(*sites[at], at);
            const std::string headline = describe_headline(*sites[at]);
            lines.push_back(number == 0 ? headline : fmt::format("#{} {}", number, headline));
        }
    }
}

RelatedLines::RelatedLines(const std::vector<MergedSite>& sites, const NumberOf& number_of)
    : RelatedLines(findings_in(sites), number_of) {}

const std::vector<std::string>& RelatedLines::of(const Finding& site) const {
    static const std::vector<std::string> none;
    const auto found = lines_.find(site.fingerprint);
    return found == lines_.end() ? none : found->second;
}

}  // namespace corotrace
