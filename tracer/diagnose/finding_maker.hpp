// SPDX-License-Identifier: MIT
// Makes a finding of a drop's evidence. Pure: the same evidence gives the same finding, and no target is
// asked.
#pragma once

#include "cpython_layouts/preview.hpp"
#include "tracer/diagnose/drop_evidence.hpp"
#include "tracer/findings/finding.hpp"
#include "tracer/findings/own_code.hpp"

namespace corotrace {

// Everything but what only the ledger knows: fingerprint, count, and whether it is the first at its site.
// `caps` are those of the values that were copied.
[[nodiscard]] Finding make_finding(const DropEvidence& evidence, const PreviewCaps& caps,
                                   const OwnCode& own = {});

[[nodiscard]] FindingKind finding_kind(TaskLoss loss);

}  // namespace corotrace
