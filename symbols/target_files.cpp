// SPDX-License-Identifier: MIT
#include "symbols/target_files.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <vector>

#include "symbols/unique_fd.hpp"

namespace corotrace {

namespace {

std::string proc_path(pid_t pid, const char* entry) {
    return "/proc/" + std::to_string(pid) + "/" + entry;
}

// Turns an O_PATH descriptor of a regular file into one that reads: opening a device or a FIFO that the
// target chose could block or do harm.
UniqueFd readable(const UniqueFd& handle) {
    struct stat about {};
    if (!handle.is_open() || ::fstat(handle.get(), &about) != 0 || !S_ISREG(about.st_mode)) return UniqueFd();
    const std::string link = "/proc/self/fd/" + std::to_string(handle.get());
    return UniqueFd(::open(link.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
}

UniqueFd open_file(const std::string& path) {
    return readable(UniqueFd(::open(path.c_str(), O_PATH | O_CLOEXEC)));
}

// openat2 resolves links inside the target's root. Where it is missing (Linux before 5.6, seccomp filters
// that do not know it) an absolute link leads into our own root; the callers check what they get.
UniqueFd open_in_root(pid_t pid, const std::string& path) {
    const std::string root_path = proc_path(pid, "root");
    const UniqueFd root(::open(root_path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root.is_open()) return UniqueFd();
    open_how how{};
    how.flags = O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    const long fd = ::syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof(how));
    if (fd >= 0) return readable(UniqueFd(static_cast<int>(fd)));
    if (errno != ENOSYS && errno != EPERM) return UniqueFd();
    return open_file(root_path + path);
}

bool is_same_file(const UniqueFd& fd, const Module& module) {
    struct stat about {};
    return fd.is_open() && ::fstat(fd.get(), &about) == 0 && about.st_dev == module.device &&
           about.st_ino == module.inode;
}

std::optional<ElfFile> open_elf(UniqueFd fd) {
    if (!fd.is_open()) return std::nullopt;
    auto file = ElfFile::open(std::move(fd));
    if (!file) return std::nullopt;
    return std::move(*file);
}

std::optional<ElfFile> open_by_mapping(pid_t pid, const Module& module) {
    for (const Mapping& mapping : module.mappings) {
        char name[64];
        std::snprintf(name, sizeof(name), "map_files/%" PRIx64 "-%" PRIx64, mapping.start.value,
                      mapping.end.value);
        if (auto file = open_elf(open_file(proc_path(pid, name)))) return file;
    }
    return std::nullopt;
}

// A debug file must say that it belongs: by build id, or by its checksum where there is none.
bool belongs(const ElfFile& debug, const std::optional<std::string>& build_id,
             std::optional<std::uint32_t> crc) {
    if (build_id) return debug.read_build_id() == build_id;
    return crc && debug.read_crc() == crc;
}

}  // namespace

std::optional<ElfFile> open_mapped_file(pid_t pid, const Module& module,
                                        const std::optional<std::string>& build_id) {
    if (auto file = open_by_mapping(pid, module)) return file;
    std::vector<UniqueFd> candidates;
    candidates.push_back(open_in_root(pid, module.path));
    // Under chroot(2) maps shows names from our root, not from the target's.
    candidates.push_back(open_file(module.path));
    candidates.push_back(open_file(proc_path(pid, "exe")));
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
            auto file = open_elf(open_file(path));
            if (file && belongs(*file, build_id, crc)) return file;
        }
        auto file = open_elf(open_in_root(pid, path));
        if (file && belongs(*file, build_id, crc)) return file;
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
