// SPDX-License-Identifier: MIT
// JUnit XML: the attributes and elements that pytest writes as xunit2, so that the readers of those take it.
#include <fmt/format.h>

#include "symbols/escape.hpp"
#include "tracer/report/phrases.hpp"
#include "tracer/report/related_lines.hpp"
#include "tracer/report/site_formats.hpp"
#include "tracer/report/site_place.hpp"
#include "tracer/report/traceback.hpp"

namespace corotrace {
namespace {

// For an attribute or a text of XML 1.0: `text` has passed printable(), so that of what XML forbids only the
// two noncharacters of UTF-8 are left. A line's end in an attribute would become a space.
std::string escape_xml(std::string_view text) {
    std::string out = escape_markup(text);
    for (const std::string_view forbidden : {"\xef\xbf\xbe", "\xef\xbf\xbf"}) {
        for (auto at = out.find(forbidden); at != std::string::npos; at = out.find(forbidden, at))
            out.replace(at, forbidden.size(), "\xef\xbf\xbd");
    }
    return out;
}

std::string format_stack(std::string_view heading, const std::vector<Frame>& frames) {
    if (frames.empty()) return "";
    return fmt::format("{} (most recent call last):\n{}", heading, format_frames(frames, Paint(false)));
}

std::string describe_site(const SiteCount& site, const std::vector<std::string>& related) {
    const Finding& finding = site.first;
    std::string text = describe_headline(finding) + "\n";
    text +=
        site.count ? fmt::format("{}{} times\n", site.exact ? "" : "about ", *site.count) : "not counted\n";
    if (const auto cause = describe_cause(finding.dropped.cause)) text += fmt::format("why: {}\n", *cause);
    if (finding.test) text += "in test: " + printable(*finding.test) + "\n";
    if (finding.created.test) text += "made in test: " + printable(*finding.created.test) + "\n";
    for (const std::string& one : related) text += "related: " + one + "\n";
    for (const std::string& line : describe_creators(site)) text += "made: " + line + "\n";
    text += format_stack("Made", finding.created.frames);
    if (finding.lost_task && finding.lost_task->raised)
        text += format_stack("Raised", *finding.lost_task->raised);
    if (finding.lost_task && finding.lost_task->awaiting)
        text += format_stack("Waiting", *finding.lost_task->awaiting);
    if (finding.dropped.ended) text += format_stack("Held by", {*finding.dropped.ended});
    if (finding.dropped.frames) text += format_stack("Dropped", *finding.dropped.frames);
    if (finding.mistake && finding.mistake->fix) text += "fix: " + printable(*finding.mistake->fix) + "\n";
    if (finding.mistake && finding.mistake->advice)
        text += "advice: " + printable(*finding.mistake->advice) + "\n";
    return text;
}

std::string format_case(const SiteCount& site, std::string_view root,
                        const std::vector<std::string>& related) {
    const auto place = find_place(site.first, root);
    const std::string file = place ? printable(make_source_path(place->file, root).path) : "unknown";
    const std::string line = place && place->line ? ":" + std::to_string(*place->line) : "";
    return fmt::format(
        "    <testcase classname=\"{}\" name=\"{} at {}{} [{}]\" time=\"0\">\n"
        "      <failure message=\"{}\" type=\"{}\">{}</failure>\n    </testcase>\n",
        escape_xml(file), escape_xml(describe_coroutine(site.first.coroutine)), escape_xml(file), line,
        escape_xml(printable(site.first.fingerprint)), escape_xml(describe_in_line(site.first)),
        escape_xml(rule_of(site.first)), escape_xml(describe_site(site, related)));
}

}  // namespace

std::string format_junit(std::span<const SiteCount> sites, const SiteFormatOptions& options) {
    const std::vector<SiteCount> sorted = sort_sites(sites, options.source_root);
    const RelatedLines related(findings_of(sorted),
                               [](const Finding&, std::size_t) { return std::size_t{0}; });
    std::string cases;
    for (const SiteCount& site : sorted)
        cases += format_case(site, options.source_root, related.of(site.first));
    if (sites.empty()) cases = "    <testcase classname=\"corotrace\" name=\"nothing found\" time=\"0\"/>\n";
    const std::size_t tests = sites.empty() ? 1 : sites.size();
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<testsuites>\n"
        "  <testsuite name=\"corotrace\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"0\" "
        "time=\"0\">\n"
        "{}  </testsuite>\n</testsuites>\n",
        tests, sites.size(), cases);
}

}  // namespace corotrace
