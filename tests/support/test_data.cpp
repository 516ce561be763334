// SPDX-License-Identifier: MIT
#include "tests/support/test_data.hpp"

namespace corotrace::test {

std::string test_data(const std::string& path) {
    return COROTRACE_TEST_DATA "/" + path;
}

}  // namespace corotrace::test
