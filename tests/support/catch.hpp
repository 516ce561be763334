// SPDX-License-Identifier: MIT
// Catch2 under one name, whichever of its two major versions the distribution has.
#pragma once

#if COROTRACE_CATCH2_MAJOR >= 3
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
