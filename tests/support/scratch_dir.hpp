// SPDX-License-Identifier: MIT
// ScratchDir: a folder of one test, removed with all that is in it when its owner goes. Programs that a test
// needs in a certain shape (static, stripped, non-PIE) are compiled into it.
#pragma once

#include <string>
#include <string_view>

namespace corotrace {

class ScratchDir {
public:
    ScratchDir();
    ScratchDir(const ScratchDir&) = delete;
    ScratchDir& operator=(const ScratchDir&) = delete;
    ~ScratchDir();

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string operator/(std::string_view name) const {
        return path_ + "/" + std::string(name);
    }

private:
    std::string path_;
};

// Runs a shell command; true if it ended with status 0. Its output goes to that of the test.
[[nodiscard]] bool run_shell(const std::string& command);

// Compiles C `source` to `output` with `cc FLAGS`. False if the compiler or what it needs is not there.
[[nodiscard]] bool compile_c(const std::string& output, std::string_view source, const std::string& flags);

}  // namespace corotrace
