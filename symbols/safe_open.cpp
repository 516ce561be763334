// SPDX-License-Identifier: MIT
#include "symbols/safe_open.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>

namespace corotrace {

namespace {

// Turns an O_PATH descriptor of a regular file into one that reads.
UniqueFd readable(const UniqueFd& handle) {
    struct stat about {};
    if (!handle.is_open() || ::fstat(handle.get(), &about) != 0 || !S_ISREG(about.st_mode)) return UniqueFd();
    const std::string link = "/proc/self/fd/" + std::to_string(handle.get());
    return UniqueFd(::open(link.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
}

}  // namespace

UniqueFd open_regular(const std::string& path) {
    return readable(UniqueFd(::open(path.c_str(), O_PATH | O_CLOEXEC)));
}

UniqueFd open_regular_in(const std::string& root, const std::string& path) {
    const UniqueFd folder(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder.is_open()) return UniqueFd();
    open_how how{};
    how.flags = O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    const long fd = ::syscall(SYS_openat2, folder.get(), path.c_str(), &how, sizeof(how));
    if (fd >= 0) return readable(UniqueFd(static_cast<int>(fd)));
    if (errno != ENOSYS && errno != EPERM) return UniqueFd();
    return open_regular(root + path);
}

std::optional<ElfFile> open_elf(UniqueFd fd) {
    if (!fd.is_open()) return std::nullopt;
    auto file = ElfFile::open(std::move(fd));
    if (!file) return std::nullopt;
    return std::move(*file);
}

bool is_debug_file_of(const ElfFile& debug, const std::optional<std::string>& build_id,
                      std::optional<std::uint32_t> crc) {
    if (build_id) return debug.read_build_id() == build_id;
    return crc && debug.read_crc() == crc;
}

}  // namespace corotrace
