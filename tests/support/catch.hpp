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

// The thread sanitizer has a thread of its own in each process, frames of its own above each call, and makes
// fork(2) of vfork(2). A test of what the kernel tells of a process that it runs in returns if this is true.
#ifdef __SANITIZE_THREAD__
#define CT_SKIPS_UNDER_TSAN()                                                  \
    ([] {                                                                      \
        CT_SKIP("the thread sanitizer changes the process that is looked at"); \
        return true;                                                           \
    }())
#else
#define CT_SKIPS_UNDER_TSAN() false
#endif
