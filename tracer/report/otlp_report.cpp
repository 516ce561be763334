// SPDX-License-Identifier: MIT
#include "tracer/report/otlp_report.hpp"

namespace corotrace {

void OtlpReport::on_finding(const TargetId& target, const Finding& finding) {
    if (finding.first_at_site) tell(target, finding);
}

// Sites that nobody stopped for until the end.
void OtlpReport::on_target_end(const TargetId& target, const std::vector<SiteCount>& sites,
                               const Summary& /*summary*/) {
    for (const SiteCount& site : sites) tell(target, site.first);
    origins_.erase(target);
}

void OtlpReport::tell(const TargetId& target, const Finding& finding) {
    if (!sink_.wants_records() || told_.size() >= kMostSites || told_.contains(finding.fingerprint)) return;
    told_.insert(finding.fingerprint);
    const auto origin = origins_.find(target);
    sink_.put(format_otlp_record(finding, origin == origins_.end() ? OtlpOrigin{} : origin->second));
}

}  // namespace corotrace
