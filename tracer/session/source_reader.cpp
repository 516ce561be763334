// SPDX-License-Identifier: MIT
#include "tracer/session/source_reader.hpp"

#include <utility>

namespace corotrace {

std::shared_ptr<const SourceText> SourceReader::read(const std::string& file) {
    constexpr std::size_t kMaxFiles = 256;
    if (!can_be_file(file)) return nullptr;
    if (const auto known = files_.find(file); known != files_.end()) {
        // A name that leads elsewhere for us than for the target never has the same stamp.
        if (known->second.stamp == image_.read_source_stamp(file)) return known->second.text;
        files_.erase(known);
    }
    auto source = image_.read_source(file);
    if (!source) return nullptr;
    if (files_.size() >= kMaxFiles) files_.clear();
    auto text = std::make_shared<const SourceText>(std::move(source->text));
    files_.emplace(file, Known{.text = text, .stamp = source->stamp});
    return text;
}

std::optional<std::string> SourceReader::find_line(const std::string& file, int line) {
    const auto text = read(file);
    return text == nullptr ? std::nullopt : text->find_line(line);
}

}  // namespace corotrace
