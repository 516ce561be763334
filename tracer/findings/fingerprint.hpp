// SPDX-License-Identifier: MIT
// The fingerprint names a site: 16 hex digits, the same for the same mistake after a restart, on another
// machine, in another virtual environment, under another version of Python, and after lines above it were
// added. "Version 2" in the JSON schema, which says what it is made of.
#pragma once

#include <string>

#include "tracer/findings/finding.hpp"
#include "tracer/findings/own_code.hpp"

namespace corotrace {

// Made of: the kind's name; qualified name and portable path (see portable_path) of the coroutine; each own
// frame of the drop, outermost first, by plain name and text of its line, without white space at its ends
// (its number where the text is unknown), where equal frames that follow each other count once and a
// comprehension is part of its function, as from Python 3.12 on; if no frame is own, name and portable path
// of the innermost one; the ended function, if it is own, in the same way; of a lost task also the type of
// its exception and the frame that raised it. What the collector found has no frames: it runs anywhere.
[[nodiscard]] std::string make_fingerprint(const Finding& finding, const OwnCode& own = {});

// For what is told of as one though it happened at several places.
[[nodiscard]] std::string make_folded_fingerprint(const Finding& common);

}  // namespace corotrace
