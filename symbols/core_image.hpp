// SPDX-License-Identifier: MIT
// CoreImage: the ProcessImage of a process that a core file was made of. Its memory is what the core holds,
// then code and constants of the files that were mapped, if the very files are found: see CoreFiles.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "symbols/core_file.hpp"
#include "symbols/core_files.hpp"
#include "symbols/process_image.hpp"
#include "symbols/target_source.hpp"

namespace corotrace {

class CoreImage final : public ProcessImage {
public:
    // A core that is packed by gzip or zstd is unpacked first.
    // Errors: as unpack_file(), CoreFile::open() and CoreFiles::check_program().
    [[nodiscard]] static Result<std::unique_ptr<CoreImage>> open(UniqueFd fd, CoreFileSearch search);

    [[nodiscard]] const RemoteMemory& memory() const override { return memory_; }
    [[nodiscard]] Result<MemoryMap> read_map() const override { return files_.map(); }
    [[nodiscard]] bool is_program(const Module& module) const override { return files_.is_program(module); }
    [[nodiscard]] std::optional<ElfFile> open_mapped_file(
        const Module& module, const std::optional<std::string>& build_id) const override;
    [[nodiscard]] std::optional<ElfFile> open_debug_file(
        const Module& module, const ElfFile& stripped,
        const std::optional<std::string>& build_id) const override;
    // Below the root, if there is one; an absolute name only, for a core does not tell the working directory.
    // With the rights of the core's owner; if that is root, of anybody: what a core names is no reason to
    // show what only root may read. Nothing that was changed after the core was written.
    [[nodiscard]] std::optional<SourceFile> read_source(const std::string& file) const override;
    [[nodiscard]] std::optional<SourceStamp> read_source_stamp(const std::string& file) const override;

    [[nodiscard]] const CoreFile& core() const { return *core_; }
    [[nodiscard]] const CoreFiles& files() const { return files_; }
    // What does not hold together in the core, as phrases for a person.
    [[nodiscard]] std::vector<std::string> complaints() const;

private:
    // The core's bytes, then those of files.
    class Memory final : public RemoteMemory {
    public:
        Memory(const CoreFile& core, const CoreFiles& files) : core_(core), files_(files) {}
        [[nodiscard]] Status read(RemoteAddr from, std::span<std::byte> into) const override;

    private:
        const CoreFile& core_;
        const CoreFiles& files_;
    };

    CoreImage(std::unique_ptr<CoreFile> core, MemoryMap map, CoreFileSearch search, SourceStamp written,
              FileIds reader);

    std::unique_ptr<CoreFile> core_;
    std::string root_;
    CoreFiles files_;
    Memory memory_;
    SourceStamp written_;  // of the core
    FileIds reader_;
    bool is_cut_ = false;
};

}  // namespace corotrace
