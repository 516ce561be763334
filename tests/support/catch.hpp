// SPDX-License-Identifier: MIT
// Catch2 under one name, whichever of its two major versions the distribution has.
#pragma once

#if COROTRACE_CATCH2_MAJOR >= 3
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

// How a test says that it cannot run here; ctest then counts it as skipped and scripts/test.sh names it. The
// caller returns.
#define CT_SKIP(reason) WARN("SKIPPED: " << reason)
// The same of one case among several: the test goes on and counts as run, scripts/test.sh tells what was left
// out.
#define CT_SKIP_PART(reason) WARN("LEFT OUT: " << reason)
