// SPDX-License-Identifier: MIT
// Which sites of a run tell of one thing: a coroutine that never ran, and the task or future that was lost
// with it. Pure.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "tracer/findings/finding.hpp"

namespace corotrace {

// By fingerprint the fingerprints of the others; what has none is not in it.
using RelatedSites = std::unordered_map<std::string, std::vector<std::string>>;

// A coroutine and a lost task or future are related if
//   - the task had not started, and was to run this coroutine: same function, file and line; or
//   - the exception that nobody retrieved was raised in the line, of the same function, that made the
//     coroutine or that dropped it by ending.
// Either then names the other. Both ways at most kMostRelated of each, those that come first in `sites`.
// Cost: a hash for each frame of an exception and of a creation.
constexpr std::size_t kMostRelated = 5;
[[nodiscard]] RelatedSites find_related(const std::vector<const Finding*>& sites);

}  // namespace corotrace
