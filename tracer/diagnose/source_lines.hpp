// SPDX-License-Identifier: MIT
// SourceLines: the text of a line of the target's source, if the target itself could read it. Size and line
// length are capped, and a file that changed since the program loaded it cannot be told (as Python's own
// traceback cannot).
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace corotrace {

class SourceLines {
public:
    // The text of a file, or nothing: ProcessImage::read_source.
    using Reader = std::function<std::optional<std::string>(const std::string& file)>;
    explicit SourceLines(Reader read);
    // Of a running process.
    explicit SourceLines(pid_t pid);

    // The line with its indentation, without white space at its end; `line` counts from 1. Null: no file, no
    // such line, not text.
    [[nodiscard]] std::optional<std::string> find_line(const std::string& file, int line);

private:
    [[nodiscard]] const std::vector<std::string>& load(const std::string& file);

    Reader read_;
    std::unordered_map<std::string, std::vector<std::string>> files_;
};

}  // namespace corotrace
