// SPDX-License-Identifier: MIT
// The stable names of kinds of findings, in machine-readable output and in fingerprints.
#pragma once

#include <string_view>

#include "tracer/findings/finding.hpp"

namespace corotrace {

[[nodiscard]] std::string_view name_of(FindingKind kind);

}  // namespace corotrace
