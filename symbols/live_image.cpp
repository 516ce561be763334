// SPDX-License-Identifier: MIT
#include "symbols/live_image.hpp"

#include <sys/stat.h>

#include "symbols/target_files.hpp"
#include "symbols/target_source.hpp"

namespace corotrace {

Result<MemoryMap> LiveImage::read_map() const {
    return MemoryMap::read(pid_);
}

bool LiveImage::is_program(const Module& module) const {
    struct stat exe {};
    return ::stat(("/proc/" + std::to_string(pid_) + "/exe").c_str(), &exe) == 0 &&
           module.device == exe.st_dev && module.inode == exe.st_ino;
}

std::optional<ElfFile> LiveImage::open_mapped_file(const Module& module,
                                                   const std::optional<std::string>& build_id) const {
    return corotrace::open_mapped_file(pid_, module, build_id);
}

std::optional<ElfFile> LiveImage::open_debug_file(const Module& module, const ElfFile& stripped,
                                                  const std::optional<std::string>& build_id) const {
    return corotrace::open_debug_file(pid_, module, stripped, build_id);
}

std::optional<std::string> LiveImage::read_source(const std::string& file) const {
    return read_target_source(pid_, file);
}

}  // namespace corotrace
