// SPDX-License-Identifier: MIT
// Which drop of a site its diagnosis is made of: the one that was seen best, whichever came first, so that
// one drop more changes a diagnosis only for a better one, and the same drops give the same. Pure.
#pragma once

#include "tracer/findings/finding.hpp"

namespace corotrace {

// Whether `drop` was seen better than `other`, of the same site. What decides, the first that differs:
//   1. its thread stood for it; a capture knows nothing of the coroutine itself
//   2. less of it could not be read: it has fewer notes
//   3. its diagnosis says more: a fix, advice, only which mistake it is, nothing
//   4. the function whose end dropped it is known
//   5. its diagnosis names the line to change
//   6. the text of its diagnosis, then its process and thread: these say nothing, but are the same in each
//   run
// The diagnosis is that of the drop alone (Finding::seen), where that is kept: where it was created is
// learned by itself.
[[nodiscard]] bool is_better_seen(const Finding& drop, const Finding& other);

// Whether `one` tells more of where it was created: noted by the interpreter, proved by the code, not known;
// of stacks the longer one, of equally long ones always the same.
[[nodiscard]] bool is_better_known(const CreatedFacts& one, const CreatedFacts& other);

// `site`, the finding that stands for a site, becomes this drop if that was seen better: then true. Its
// count, its first_at_site, the earlier time and where it was created stay.
bool learn_drop(Finding& site, const Finding& drop);

// `site` is created where this drop was, if that is better known: then true.
bool learn_created(Finding& site, const Finding& drop);

}  // namespace corotrace
