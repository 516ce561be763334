// SPDX-License-Identifier: MIT
// LiveImage: the ProcessImage of a running process, by /proc. Files are opened as the process sees them.
#pragma once

#include <sys/types.h>

#include "symbols/process_image.hpp"

namespace corotrace {

class LiveImage final : public ProcessImage {
public:
    // `memory` is that of `pid` and must outlive the image.
    LiveImage(pid_t pid, const RemoteMemory& memory) : pid_(pid), memory_(memory) {}

    [[nodiscard]] const RemoteMemory& memory() const override { return memory_; }
    [[nodiscard]] Result<MemoryMap> read_map() const override;
    [[nodiscard]] bool is_program(const Module& module) const override;
    [[nodiscard]] std::optional<ElfFile> open_mapped_file(
        const Module& module, const std::optional<std::string>& build_id) const override;
    [[nodiscard]] std::optional<ElfFile> open_debug_file(
        const Module& module, const ElfFile& stripped,
        const std::optional<std::string>& build_id) const override;
    [[nodiscard]] std::optional<std::string> read_source(const std::string& file) const override;

private:
    pid_t pid_;
    const RemoteMemory& memory_;
};

}  // namespace corotrace
