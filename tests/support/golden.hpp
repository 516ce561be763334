// SPDX-License-Identifier: MIT
// Compares text with tests/golden/NAME. With COROTRACE_UPDATE_GOLDEN set it writes the file instead; look at
// the difference before committing it.
#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/test_data.hpp"

namespace corotrace::test {

inline std::string read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void check_golden(const std::string& name, const std::string& text) {
    const std::string path = test_data("golden/" + name);
    if (std::getenv("COROTRACE_UPDATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << text;
    INFO(path);
    CHECK(read_text(path) == text);
}

}  // namespace corotrace::test
