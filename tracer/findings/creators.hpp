// SPDX-License-Identifier: MIT
// The places that create the coroutines of a site. Of several one is the site's CreatedFacts, of which its
// diagnosis is made; the others are only named. Pure.
#pragma once

#include <cstddef>

#include "tracer/findings/finding.hpp"
#include "tracer/findings/own_code.hpp"

namespace corotrace {

constexpr std::size_t kMostCreators = 8;

// The innermost own frame, else the innermost one. nullptr: not known. Points into `created`.
[[nodiscard]] const Frame* creating_place(const CreatedFacts& created, const OwnCode& own);

// Of more than kMostCreators those are kept that come first by file, line and name: the same, in whatever
// order they were added.
void add_creator(Creators& creators, const Frame& place);
void add_creators(Creators& creators, const Creators& others);

}  // namespace corotrace
