// SPDX-License-Identifier: MIT
// CoreFiles: the files that a core's process had mapped, found again by name or by build id. A core leaves
// out what can be read there: code and constants. A file serves only if it is the very one: by its build id,
// or, where it has none, by its first page. Names come from the core and are hostile: only regular files are
// opened. May be used by several threads.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "symbols/core_file.hpp"
#include "symbols/elf_module.hpp"
#include "symbols/memory_image.hpp"
#include "symbols/memory_map.hpp"
#include "symbols/unique_fd.hpp"

namespace corotrace {

struct CoreFileSearch {
    std::optional<std::string> program;  // the file of the program itself
    std::string root;                    // a folder that holds the files as the process saw them; empty: none
    std::string debuginfod_cache;        // empty: none
    std::string unpack_folder = "/var/tmp";  // where a packed core is unpacked
};

// A file that was asked for and not found.
struct MissingFile {
    std::string path;
    std::optional<std::string> build_id;
    std::string why;  // a phrase: "not found"
};

class CoreFiles {
public:
    // `core` must outlive it. Opens nothing yet.
    CoreFiles(const CoreFile& core, MemoryMap map, CoreFileSearch search);
    CoreFiles(const CoreFiles&) = delete;
    CoreFiles& operator=(const CoreFiles&) = delete;
    ~CoreFiles();

    [[nodiscard]] const MemoryMap& map() const { return map_; }
    [[nodiscard]] bool is_program(const Module& module) const;
    [[nodiscard]] std::optional<std::string> program_path() const;
    // Whether the program that was given is the one of the core. Errors: io, malformed, usage (it is another
    // one), as sentences for a person.
    [[nodiscard]] Status check_program() const;

    // How many of the first bytes are code or constants of a file; they are read. What the process could have
    // changed is not.
    [[nodiscard]] std::size_t read_part(RemoteAddr from, std::span<std::byte> into) const;
    [[nodiscard]] std::optional<ElfFile> open(const Module& module) const;
    // By build id or .gnu_debuglink, below the root and of this machine; or from debuginfod's cache.
    [[nodiscard]] std::optional<ElfFile> open_debug_file(const Module& module, const ElfFile& stripped,
                                                         const std::optional<std::string>& build_id) const;

    // What was asked for so far, by address.
    [[nodiscard]] std::vector<MissingFile> missing() const;

private:
    struct Entry;
    [[nodiscard]] Entry* find(RemoteAddr address) const;
    // Opened, if it can be; its descriptor is -1 if not.
    [[nodiscard]] const Entry& opened(Entry& entry) const;
    [[nodiscard]] bool is_the_file(const Entry& entry, const UniqueFd& fd) const;
    [[nodiscard]] std::vector<std::string> names_by_build_id(const std::string& build_id) const;

    const CoreFile& core_;
    MemoryMap map_;
    CoreFileSearch search_;
    MemoryImage held_;  // what the core holds alone
    Entry* program_ = nullptr;
    std::vector<std::unique_ptr<Entry>> entries_;
    std::vector<std::pair<RemoteAddr, Entry*>> by_mapping_;  // the start of each mapping
    mutable std::mutex mutex_;                               // of what is filled on demand
};

}  // namespace corotrace
