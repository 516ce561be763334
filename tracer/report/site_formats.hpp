// SPDX-License-Identifier: MIT
// The formats for machines that take a whole list of sites at once: SARIF 2.1.0, JUnit XML, annotations of
// GitHub Actions, code quality of GitLab. Pure: the same sites, in whatever order, give the same bytes, so no
// time and no process id is in them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tracer/findings/finding.hpp"

namespace corotrace {

struct SiteFormatOptions {
    std::string source_root;  // "/src/app": files under it are told relative to it; "": none is
    std::string version;      // of corotrace
};

// OASIS SARIF 2.1.0: a rule for each kind of mistake that was made, a result for each site. ASCII.
[[nodiscard]] std::string format_sarif(std::span<const SiteCount> sites, const SiteFormatOptions& options);

// A test suite with a failed test case for each site; without sites one that passed. Attributes as pytest's
// xunit2 has them, which Jenkins and GitLab read.
[[nodiscard]] std::string format_junit(std::span<const SiteCount> sites, const SiteFormatOptions& options);

// A workflow command a site. Source of the form and its escapes: docs.github.com, "Workflow commands", and
// actions/toolkit, packages/core/src/command.ts.
[[nodiscard]] std::string format_github(std::span<const SiteCount> sites, const SiteFormatOptions& options);
// The same for people, in Markdown: what belongs at the end of $GITHUB_STEP_SUMMARY.
[[nodiscard]] std::string format_github_summary(std::span<const SiteCount> sites,
                                                const SiteFormatOptions& options);

// A JSON array. Source of the keys: docs.gitlab.com, "Code Quality report format". ASCII.
[[nodiscard]] std::string format_gitlab(std::span<const SiteCount> sites, const SiteFormatOptions& options);

// Of one site, for all four: "tested_for_truth", or the name of the kind where the mistake is unknown.
[[nodiscard]] std::string rule_of(const Finding& finding);
// "coroutine 'save' was never awaited: store.save() makes a coroutine, ..." in one line.
[[nodiscard]] std::string describe_in_line(const Finding& finding);
// By file, line and fingerprint, so that a report changes where the code did.
[[nodiscard]] std::vector<SiteCount> sort_sites(std::span<const SiteCount> sites, std::string_view root);
// Point into `sites`.
[[nodiscard]] std::vector<const Finding*> findings_of(std::span<const SiteCount> sites);

}  // namespace corotrace
