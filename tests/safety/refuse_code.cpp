// SPDX-License-Identifier: MIT
// Preloaded into corotrace: /proc/PID/mem writes only what the target itself may write, as under a kernel
// that was started with proc_mem.force_override=never.
#include <dlfcn.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

namespace {

bool may_write(int fd, std::uint64_t address) {
    char path[256] = {};
    if (readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path, sizeof(path) - 1) < 0) return true;
    char* const name = std::strstr(path, "/mem");
    if (std::strncmp(path, "/proc/", 6) != 0 || name == nullptr) return true;
    std::strcpy(name, "/maps");
    std::FILE* const maps = std::fopen(path, "r");
    if (maps == nullptr) return true;
    char line[4096];
    bool may = true;
    while (std::fgets(line, sizeof(line), maps) != nullptr) {
        std::uint64_t start = 0, end = 0;
        char permissions[8] = {};
        if (std::sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &start, &end, permissions) != 3) continue;
        if (address >= start && address < end) may = permissions[1] == 'w';
    }
    std::fclose(maps);
    return may;
}

}  // namespace

extern "C" ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
    using Pwrite = ssize_t (*)(int, const void*, size_t, off_t);
    static const auto original = reinterpret_cast<Pwrite>(dlsym(RTLD_NEXT, "pwrite"));
    if (!may_write(fd, static_cast<std::uint64_t>(at))) {
        errno = EIO;
        return -1;
    }
    return original(fd, bytes, size, at);
}
