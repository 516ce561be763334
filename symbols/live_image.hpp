// SPDX-License-Identifier: MIT
// LiveImage: the ProcessImage of a running process, by /proc. Files are opened as the process sees them.
#pragma once

#include <sys/types.h>

#include <vector>

#include "symbols/process_image.hpp"
#include "symbols/word_scan.hpp"

namespace corotrace {

class LiveImage final : public ProcessImage {
public:
    // `memory` is that of `pid` and must outlive the image.
    LiveImage(pid_t pid, const RemoteMemory& memory) : pid_(pid), memory_(memory) {}

    [[nodiscard]] const RemoteMemory& memory() const override { return memory_; }
    [[nodiscard]] Result<MemoryMap> read_map() const override;
    // The parts of `mapping` that hold anything: what was never touched need not be read, and reading it
    // would have the kernel make page tables for it. By /proc/PID/pagemap, which needs no privilege for what
    // is asked here. All of it where that fails.
    [[nodiscard]] std::vector<AddressSpan> find_resident(const Mapping& mapping) const;
    [[nodiscard]] bool is_program(const Module& module) const override;
    [[nodiscard]] std::optional<ElfFile> open_mapped_file(
        const Module& module, const std::optional<std::string>& build_id) const override;
    [[nodiscard]] std::optional<ElfFile> open_debug_file(
        const Module& module, const ElfFile& stripped,
        const std::optional<std::string>& build_id) const override;
    [[nodiscard]] std::optional<SourceFile> read_source(const std::string& file) const override;
    [[nodiscard]] std::optional<SourceStamp> read_source_stamp(const std::string& file) const override;

private:
    pid_t pid_;
    const RemoteMemory& memory_;
};

}  // namespace corotrace
