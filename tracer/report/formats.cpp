// SPDX-License-Identifier: MIT
#include "tracer/report/formats.hpp"

#include <algorithm>

#include "tracer/report/html.hpp"
#include "tracer/report/jsonl.hpp"
#include "tracer/report/site_report.hpp"
#include "tracer/report/text.hpp"

namespace corotrace {
namespace {

template <SiteReport::Render kRender>
std::unique_ptr<RunReport> make_site_report(const ReportContext& context) {
    return std::make_unique<SiteReport>(
        context.writer, kRender,
        SiteFormatOptions{.source_root = context.source_root, .version = context.version});
}

constexpr Format kFormats[] = {
    {"text", "blocks for people, a table of sites at the end", make_text_report},
    {"jsonl", "one JSON object a line, as corotrace-1.schema.json describes", make_jsonl_report},
    {"html", "one page for an incident's ticket, which needs nothing else", make_html_report, true},
    {"sarif", "SARIF 2.1.0, for code scanning", make_site_report<format_sarif>},
    {"junit", "JUnit XML, a failed test case a site", make_site_report<format_junit>},
    {"github", "annotations of GitHub Actions, with a summary of the step", make_site_report<format_github>},
    {"gitlab", "the code quality report of GitLab", make_site_report<format_gitlab>},
};

}  // namespace

std::span<const Format> formats() {
    return kFormats;
}

const Format* find_format(std::string_view name) {
    const auto* found = std::find_if(std::begin(kFormats), std::end(kFormats),
                                     [&](const Format& format) { return format.name == name; });
    return found == std::end(kFormats) ? nullptr : found;
}

}  // namespace corotrace
