// SPDX-License-Identifier: MIT
// ProcessImage: one process as it can be read: its memory, its map, the files that it maps and the sources
// that it names. Live, recorded and dead (a core file) look the same, so nothing above asks for a pid in
// order to read. What is not there is nothing, never something of this machine by accident.
#pragma once

#include <optional>
#include <string>

#include "symbols/elf_file.hpp"
#include "symbols/memory_map.hpp"
#include "symbols/remote_memory.hpp"
#include "symbols/source_file.hpp"

namespace corotrace {

class ProcessImage {
public:
    ProcessImage() = default;
    ProcessImage(const ProcessImage&) = delete;
    ProcessImage& operator=(const ProcessImage&) = delete;
    virtual ~ProcessImage() = default;

    [[nodiscard]] virtual const RemoteMemory& memory() const = 0;
    // A snapshot. Errors: as MemoryMap::read.
    [[nodiscard]] virtual Result<MemoryMap> read_map() const = 0;
    // Whether `module` is the program itself.
    [[nodiscard]] virtual bool is_program(const Module& module) const = 0;

    // The very file that `module` maps, and the separate debug file of one.
    [[nodiscard]] virtual std::optional<ElfFile> open_mapped_file(
        const Module& module, const std::optional<std::string>& build_id) const = 0;
    [[nodiscard]] virtual std::optional<ElfFile> open_debug_file(
        const Module& module, const ElfFile& stripped, const std::optional<std::string>& build_id) const = 0;

    // A source file, if the process itself could read it.
    [[nodiscard]] virtual std::optional<SourceFile> read_source(const std::string& file) const = 0;
    // Whether what was read is what would be read now: the stamp is the same. Null: it cannot be told.
    [[nodiscard]] virtual std::optional<SourceStamp> read_source_stamp(const std::string& file) const = 0;
};

}  // namespace corotrace
