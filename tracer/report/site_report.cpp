// SPDX-License-Identifier: MIT
#include "tracer/report/site_report.hpp"

namespace corotrace {

void SiteReport::on_target_end(const TargetId& /*target*/, const std::vector<SiteCount>& sites,
                               const Summary& /*summary*/) {
    for (const SiteCount& site : sites) sites_.add(site);
}

void SiteReport::on_end(const RunSummary& /*summary*/) {
    writer_.write_end(render_(sites_.by_fingerprint(), options_));
}

}  // namespace corotrace
