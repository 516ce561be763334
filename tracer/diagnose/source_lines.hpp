// SPDX-License-Identifier: MIT
// SourceLines: the text of a line of the target's source, read through the target's own root directory.
// Sources are somebody's files: only regular ones are opened, size and line length are capped, and a file
// that changed since the program loaded it cannot be told (as Python's own traceback cannot).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace corotrace {

class SourceLines {
public:
    explicit SourceLines(pid_t pid) : pid_(pid) {}

    // The line with its indentation, without white space at its end; `line` counts from 1. Null: no file, no
    // such line, not text.
    [[nodiscard]] std::optional<std::string> find_line(const std::string& file, int line);

private:
    [[nodiscard]] const std::vector<std::string>& load(const std::string& file);

    pid_t pid_;
    std::unordered_map<std::string, std::vector<std::string>> files_;
};

}  // namespace corotrace
