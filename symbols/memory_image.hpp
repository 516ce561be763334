// SPDX-License-Identifier: MIT
// MemoryImage: the ProcessImage of which nothing but memory is there: a recorded one, or a made-up one.
#pragma once

#include <utility>

#include "symbols/process_image.hpp"

namespace corotrace {

class MemoryImage final : public ProcessImage {
public:
    // `memory` must outlive the image. Without a map there are no modules.
    explicit MemoryImage(const RemoteMemory& memory) : memory_(memory) {}
    MemoryImage(const RemoteMemory& memory, MemoryMap map) : memory_(memory), map_(std::move(map)) {}

    [[nodiscard]] const RemoteMemory& memory() const override { return memory_; }
    [[nodiscard]] Result<MemoryMap> read_map() const override {
        if (map_) return *map_;
        return Error{Errc::not_found, 0, "a map of recorded memory"};
    }
    [[nodiscard]] bool is_program(const Module& module) const override {
        const auto modules = map_ ? map_->modules() : std::vector<Module>{};
        return !modules.empty() && modules.front().path == module.path;
    }
    [[nodiscard]] std::optional<ElfFile> open_mapped_file(
        const Module& /*module*/, const std::optional<std::string>& /*build_id*/) const override {
        return std::nullopt;
    }
    [[nodiscard]] std::optional<ElfFile> open_debug_file(
        const Module& /*module*/, const ElfFile& /*stripped*/,
        const std::optional<std::string>& /*build_id*/) const override {
        return std::nullopt;
    }
    [[nodiscard]] std::optional<SourceFile> read_source(const std::string& /*file*/) const override {
        return std::nullopt;
    }
    [[nodiscard]] std::optional<SourceStamp> read_source_stamp(const std::string& /*file*/) const override {
        return std::nullopt;
    }

private:
    const RemoteMemory& memory_;
    std::optional<MemoryMap> map_;
};

}  // namespace corotrace
