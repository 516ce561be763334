// SPDX-License-Identifier: MIT
#include "tracer/report/live_pages.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <vector>

#include "tracer/findings/kind_name.hpp"
#include "tracer/report/html_page.hpp"
#include "tracer/report/html_site.hpp"
#include "tracer/report/json_values.hpp"
#include "tracer/report/phrases.hpp"
#include "tracer/report/site_place.hpp"

namespace corotrace {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostShown = 100;

std::vector<LiveSite> sort_by_count(const LiveSnapshot& counts) {
    std::vector<LiveSite> sites = counts.sites;
    std::ranges::stable_sort(sites, std::ranges::greater{}, &LiveSite::count);
    return sites;
}

Json convert_site(const LiveSite& site) {
    const Finding& first = *site.first;
    const auto place = find_place(first, "");
    Json json{{"fingerprint", first.fingerprint}, {"kind", name_of(first.kind)}, {"count", site.count}};
    json["coroutine"] = or_null<Json>(first.coroutine.qualname);
    json["file"] = place ? Json(place->file) : Json(nullptr);
    json["line"] = place ? or_null<Json>(place->line) : Json(nullptr);
    json["mistake"] = nullptr;
    if (first.mistake) json["mistake"] = {{"id", first.mistake->id}, {"sentence", first.mistake->sentence}};
    return json;
}

}  // namespace

std::string format_sites_json(const LiveSnapshot& counts) {
    Json json{{"schema", "corotrace/1"}, {"sites", Json::array()}, {"other_drops", counts.other_drops}};
    for (const LiveSite& site : sort_by_count(counts)) json["sites"].push_back(convert_site(site));
    return format_json(json) + "\n";
}

std::string format_live_page(const LiveSnapshot& counts, const OwnCode& own) {
    const std::string title = escape_html(describe_count(counts.never_awaited, "never-awaited coroutine") +
                                          " at " + describe_count(counts.sites.size(), "site"));
    std::string out = format_page_head("corotrace: " + title) + "<header>\n<h1>" + title + "</h1>\n";
    out += fmt::format("<p>{} watched now, {} ended before</p>\n", describe_count(counts.watched, "program"),
                       counts.ended);
    const auto sites = sort_by_count(counts);
    if (sites.size() > kMostShown)
        out += fmt::format("<p>the {} most frequent; all of them: <a href=\"/sites\">/sites</a></p>\n",
                           kMostShown);
    out += "</header>\n" + page_tools("mistake") + "<main>\n";
    const HtmlSiteOptions options{.own = own, .never_awaited = counts.never_awaited, .several = false};
    for (std::size_t i = 0; i < std::min(sites.size(), kMostShown); ++i) {
        MergedSite merged;
        merged.site.first = *sites[i].first;
        merged.site.count = sites[i].count;
        out += format_html_site(merged, i + 1, options);
    }
    return out + "</main>\n" + format_page_end();
}

}  // namespace corotrace
