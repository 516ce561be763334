// SPDX-License-Identifier: MIT
#include "tests/support/scratch_dir.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace corotrace {

ScratchDir::ScratchDir() {
    path_ = (std::filesystem::temp_directory_path() / "corotrace-XXXXXX").string();
    if (::mkdtemp(path_.data()) == nullptr) std::abort();
    // Tests give up their rights and must still reach what is inside.
    std::filesystem::permissions(path_, std::filesystem::perms(0755));
}

ScratchDir::~ScratchDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

bool run_shell(const std::string& command) {
    return std::system(command.c_str()) == 0;
}

bool compile_c(const std::string& output, std::string_view source, const std::string& flags) {
    std::ofstream(output + ".c") << source;
    return run_shell("cc -O1 -o '" + output + "' '" + output + ".c' " + flags);
}

}  // namespace corotrace
