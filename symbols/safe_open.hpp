// SPDX-License-Identifier: MIT
// Opens files whose names a process chose: regular ones only, for opening a device or a FIFO could block or
// do harm, and never out of a given root.
#pragma once

#include <optional>
#include <string>

#include "symbols/elf_file.hpp"
#include "symbols/unique_fd.hpp"

namespace corotrace {

// None is open where there is no such file or it is not regular.
[[nodiscard]] UniqueFd open_regular(const std::string& path);
// `path` as it is named within `root`, a folder: links in it are followed as if that were "/".
// Where openat2(2) is missing (Linux before 5.6, seccomp filters that do not know it) an absolute link leads
// into our own root; callers check what they get.
[[nodiscard]] UniqueFd open_regular_in(const std::string& root, const std::string& path);

// Nothing where it is not open or no ELF file.
[[nodiscard]] std::optional<ElfFile> open_elf(UniqueFd fd);

// Whether a debug file says that it belongs: by build id, or by its checksum where there is none.
[[nodiscard]] bool is_debug_file_of(const ElfFile& debug, const std::optional<std::string>& build_id,
                                    std::optional<std::uint32_t> crc);

}  // namespace corotrace
