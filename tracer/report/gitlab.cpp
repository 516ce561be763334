// SPDX-License-Identifier: MIT
// The code quality report of GitLab: an array of objects, of the keys that it reads and no others.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "symbols/escape.hpp"
#include "tracer/report/json_values.hpp"
#include "tracer/report/site_formats.hpp"
#include "tracer/report/site_place.hpp"

namespace corotrace {

std::string format_gitlab(std::span<const SiteCount> sites, const SiteFormatOptions& options) {
    using Json = nlohmann::ordered_json;
    Json list = Json::array();
    for (const SiteCount& site : sort_sites(sites, options.source_root)) {
        const auto place = find_place(site.first, options.source_root);
        // GitLab wants a path and a line of each.
        const std::string path = place ? make_source_path(place->file, options.source_root).path : "unknown";
        const int line = place ? std::max(1, place->line.value_or(1)) : 1;
        list.push_back({{"description", describe_in_line(site.first)},
                        {"check_name", rule_of(site.first)},
                        {"fingerprint", printable(site.first.fingerprint)},
                        {"severity", is_lost_task(site.first.kind) ? "minor" : "major"},
                        {"location", {{"path", printable(path)}, {"lines", {{"begin", line}}}}}});
    }
    return format_json(list, 1) + "\n";
}

}  // namespace corotrace
