// SPDX-License-Identifier: MIT
// Workflow commands of GitHub Actions, one a site, and a table in Markdown for the summary of the step.
#include <fmt/format.h>

#include "symbols/escape.hpp"
#include "tracer/report/phrases.hpp"
#include "tracer/report/site_formats.hpp"
#include "tracer/report/site_place.hpp"

namespace corotrace {
namespace {

// `text` has passed printable(): it has no line ends.
std::string escape_data(std::string_view text) {
    std::string out;
    for (const char c : text) out += c == '%' ? std::string("%25") : std::string(1, c);
    return out;
}

std::string escape_property(std::string_view text) {
    std::string out;
    for (const char c : escape_data(text)) {
        if (c == ':') {
            out += "%3A";
        } else if (c == ',') {
            out += "%2C";
        } else {
            out += c;
        }
    }
    return out;
}

// Of a cell: what would end it, begin a tag or be taken as a reference.
std::string escape_markdown(std::string_view text) {
    constexpr std::string_view kSpecial = "\\|`*_[]<>#&@~";
    std::string out;
    for (const char c : text) {
        if (kSpecial.find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

std::string format_position(const std::optional<Frame>& place, std::string_view root) {
    if (!place) return "";
    std::string out = " file=" + escape_property(printable(make_source_path(place->file, root).path));
    if (!place->line || *place->line < 1) return out + ",";
    out += fmt::format(",line={}", *place->line);
    if (const auto columns = find_columns(*place)) {
        out += fmt::format(",endLine={},col={},endColumn={}", *place->line, columns->begin, columns->end);
    } else if (place->end_line && *place->end_line >= *place->line) {
        out += fmt::format(",endLine={}", *place->end_line);
    }
    return out + ",";
}

std::string describe_number(const SiteCount& site) {
    if (!site.count) return "?";
    return (site.exact ? "" : "~") + std::to_string(*site.count);
}

}  // namespace

std::string format_github(std::span<const SiteCount> sites, const SiteFormatOptions& options) {
    std::string out;
    for (const SiteCount& site : sort_sites(sites, options.source_root)) {
        const std::string position =
            format_position(find_place(site.first, options.source_root), options.source_root);
        out += fmt::format("::{}{}title={}::{}\n", is_lost_task(site.first.kind) ? "warning" : "error",
                           position.empty() ? " " : position,
                           escape_property("corotrace: " + rule_of(site.first)),
                           escape_data(describe_in_line(site.first)));
    }
    return out;
}

std::string format_github_summary(std::span<const SiteCount> sites, const SiteFormatOptions& options) {
    if (sites.empty()) return "### corotrace: nothing found\n";
    std::string out = fmt::format("### corotrace: {}\n\n", describe_count(sites.size(), "site"));
    out += "| count | what | where | fix | advice |\n|---:|---|---|---|---|\n";
    for (const SiteCount& site : sort_sites(sites, options.source_root)) {
        const auto place = find_place(site.first, options.source_root);
        std::string where = place ? printable(make_source_path(place->file, options.source_root).path) : "?";
        if (place && place->line) where += ":" + std::to_string(*place->line);
        const Mistake mistake = site.first.mistake.value_or(Mistake{});
        out += fmt::format("| {} | {} | {} | {} | {} |\n", escape_markdown(describe_number(site)),
                           escape_markdown(describe_headline(site.first)), escape_markdown(where),
                           escape_markdown(printable(mistake.fix.value_or(""))),
                           escape_markdown(printable(mistake.advice.value_or(""))));
    }
    return out;
}

}  // namespace corotrace
