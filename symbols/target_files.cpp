// SPDX-License-Identifier: MIT
#include "symbols/target_files.hpp"

#include <sys/stat.h>

#include <cinttypes>
#include <cstdio>
#include <vector>

#include "symbols/safe_open.hpp"
#include "symbols/unique_fd.hpp"

namespace corotrace {

namespace {

std::string proc_path(pid_t pid, const char* entry) {
    return "/proc/" + std::to_string(pid) + "/" + entry;
}

bool is_same_file(const UniqueFd& fd, const Module& module) {
    struct stat about {};
    return fd.is_open() && ::fstat(fd.get(), &about) == 0 && about.st_dev == module.device &&
           about.st_ino == module.inode;
}

std::optional<ElfFile> open_by_mapping(pid_t pid, const Module& module) {
    for (const Mapping& mapping : module.mappings) {
        char name[64];
        std::snprintf(name, sizeof(name), "map_files/%" PRIx64 "-%" PRIx64, mapping.start.value,
                      mapping.end.value);
        if (auto file = open_elf(open_regular(proc_path(pid, name)))) return file;
    }
    return std::nullopt;
}

}  // namespace

std::optional<ElfFile> open_mapped_file(pid_t pid, const Module& module,
                                        const std::optional<std::string>& build_id) {
    if (auto file = open_by_mapping(pid, module)) return file;
    std::vector<UniqueFd> candidates;
    candidates.push_back(open_regular_in(proc_path(pid, "root"), module.path));
    // Under chroot(2) maps shows names from our root, not from the target's.
    candidates.push_back(open_regular(module.path));
    candidates.push_back(open_regular(proc_path(pid, "exe")));
    for (UniqueFd& candidate : candidates) {
        const bool is_same = is_same_file(candidate, module);
        auto file = open_elf(std::move(candidate));
        if (file && (is_same || (build_id && file->read_build_id() == build_id))) return file;
    }
    return std::nullopt;
}

std::optional<ElfFile> open_debug_file(pid_t pid, const Module& module, const ElfFile& stripped,
                                       const std::optional<std::string>& build_id) {
    const auto open_checked = [&](const std::string& path, std::optional<std::uint32_t> crc,
                                  bool also_here) -> std::optional<ElfFile> {
        if (also_here) {
            auto file = open_elf(open_regular(path));
            if (file && is_debug_file_of(*file, build_id, crc)) return file;
        }
        auto file = open_elf(open_regular_in(proc_path(pid, "root"), path));
        if (file && is_debug_file_of(*file, build_id, crc)) return file;
        return std::nullopt;
    };
    const std::string global = "/usr/lib/debug";
    if (build_id && build_id->size() > 2) {
        const std::string path = global + "/.build-id/" + build_id->substr(0, 2) + "/" + build_id->substr(2);
        if (auto file = open_checked(path + ".debug", std::nullopt, true)) return file;
    }
    const auto link = stripped.read_debug_link();
    const std::size_t slash = module.path.rfind('/');
    if (!link || slash == std::string::npos) return std::nullopt;
    const std::string folder = module.path.substr(0, slash);
    for (const std::string& place : {folder + "/", folder + "/.debug/", global + folder + "/"}) {
        const bool is_ours_too = place.starts_with(global);
        if (auto file = open_checked(place + link->file_name, link->crc, is_ours_too)) return file;
    }
    return std::nullopt;
}

}  // namespace corotrace
