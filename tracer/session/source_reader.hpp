// SPDX-License-Identifier: MIT
// SourceReader: source files of a target, as they are at the moment when they are asked for. What was read is
// kept, and read anew once the file is another one. Number and size of what is kept are bounded.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "symbols/process_image.hpp"
#include "tracer/diagnose/source_lines.hpp"

namespace corotrace {

class SourceReader {
public:
    // `image` must outlive the reader.
    explicit SourceReader(const ProcessImage& image) : image_(image) {}

    // Null: no such file, or the target itself could not read it. Cost: one system call for a file that is
    // known and the same, else some ten, and its size.
    [[nodiscard]] std::shared_ptr<const SourceText> read(const std::string& file);
    [[nodiscard]] std::optional<std::string> find_line(const std::string& file, int line);

private:
    struct Known {
        std::shared_ptr<const SourceText> text;
        SourceStamp stamp;
    };

    const ProcessImage& image_;
    std::unordered_map<std::string, Known> files_;
};

}  // namespace corotrace
