// SPDX-License-Identifier: MIT
// Where the tests' data lies. In one object file alone, so that the others are the same in every checkout and
// a compiler cache serves them all.
#pragma once

#include <string>

namespace corotrace::test {

// A path below tests/.
[[nodiscard]] std::string test_data(const std::string& path);

}  // namespace corotrace::test
