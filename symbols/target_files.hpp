// SPDX-License-Identifier: MIT
// Opens files as the target sees them: what it has mapped, by the mapping or by name in its own root, and
// separate debug files. Only regular files are opened, and a name cannot lead out of the target's root.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "symbols/elf_file.hpp"
#include "symbols/memory_map.hpp"

namespace corotrace {

// The very file that `module` maps, if it can be opened: by /proc/PID/map_files (deleted files too; needs
// CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE), by name in the target's root or ours, by /proc/PID/exe. What is
// opened by name has the module's device and inode, or else its build id (btrfs and overlayfs show other
// devices).
[[nodiscard]] std::optional<ElfFile> open_mapped_file(pid_t pid, const Module& module,
                                                      const std::optional<std::string>& build_id);

// The separate debug file of `stripped`, by build id below /usr/lib/debug of this machine or of the target's
// root, else by the name in .gnu_debuglink beside the module or below /usr/lib/debug. Its build id or
// checksum is compared.
[[nodiscard]] std::optional<ElfFile> open_debug_file(pid_t pid, const Module& module, const ElfFile& stripped,
                                                     const std::optional<std::string>& build_id);

}  // namespace corotrace
