// SPDX-License-Identifier: MIT
// What the formats of whole lists of sites have in common.
#include "tracer/report/site_formats.hpp"

#include <algorithm>
#include <tuple>

#include "symbols/escape.hpp"
#include "tracer/report/names.hpp"
#include "tracer/report/phrases.hpp"
#include "tracer/report/site_place.hpp"

namespace corotrace {
std::string rule_of(const Finding& finding) {
    if (finding.mistake && !finding.mistake->id.empty()) return printable(finding.mistake->id);
    return std::string(name_of(finding.kind));
}

std::string describe_in_line(const Finding& finding) {
    std::string text = describe_headline(finding);
    if (finding.mistake) text += ": " + printable(finding.mistake->sentence);
    if (finding.mistake && finding.mistake->fix) text += "; fix: " + printable(*finding.mistake->fix);
    if (finding.mistake && finding.mistake->advice)
        text += "; advice: " + printable(*finding.mistake->advice);
    return text;
}

std::vector<SiteCount> sort_sites(std::span<const SiteCount> sites, std::string_view root) {
    std::vector<std::tuple<std::string, int, std::string, SiteCount>> keyed;
    keyed.reserve(sites.size());
    for (const SiteCount& site : sites) {
        const auto place = find_place(site.first, root);
        keyed.emplace_back(place ? make_source_path(place->file, root).path : "",
                           place ? place->line.value_or(0) : 0, site.first.fingerprint, site);
    }
    std::sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) {
        return std::tie(std::get<0>(a), std::get<1>(a), std::get<2>(a)) <
               std::tie(std::get<0>(b), std::get<1>(b), std::get<2>(b));
    });
    std::vector<SiteCount> sorted;
    sorted.reserve(keyed.size());
    for (auto& entry : keyed) sorted.push_back(std::move(std::get<3>(entry)));
    return sorted;
}

std::vector<const Finding*> findings_of(std::span<const SiteCount> sites) {
    std::vector<const Finding*> findings;
    findings.reserve(sites.size());
    for (const SiteCount& site : sites) findings.push_back(&site.first);
    return findings;
}

}  // namespace corotrace
