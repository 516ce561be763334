// SPDX-License-Identifier: MIT
// The least that a look through a process costs: reads its private writable memory, as far as that is there,
// a MiB at a time, and counts the words that equal one value. Usage: bare_scan PID; says how many bytes, and
// how many seconds of CPU and of the clock.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

constexpr std::uint64_t kChunk = std::uint64_t{1} << 20;
constexpr std::uint64_t kPage = 4096;

struct Look {
    pid_t pid = 0;
    int pagemap = -1;
    std::vector<std::uint64_t> words = std::vector<std::uint64_t>(kChunk / 8);
    std::uint64_t bytes = 0;
    std::uint64_t hits = 0;

    void look(std::uint64_t from, std::uint64_t to) {
        for (std::uint64_t at = from; at < to; at += kChunk) {
            const std::uint64_t size = std::min(kChunk, to - at);
            iovec into{words.data(), size};
            iovec of{reinterpret_cast<void*>(at), size};
            const ssize_t got = ::process_vm_readv(pid, &into, 1, &of, 1, 0);
            if (got <= 0) continue;
            bytes += static_cast<std::uint64_t>(got);
            std::uint64_t equal = 0;
            for (std::size_t i = 0; i < static_cast<std::size_t>(got) / 8; ++i) {
                equal += static_cast<std::uint64_t>(words[i] == 0x7f1234567890);
            }
            hits += equal;
        }
    }

    // What is there of a mapping: present or swapped out. Source: Linux
    // Documentation/admin-guide/mm/pagemap.rst.
    void look_at_pages(std::uint64_t from, std::uint64_t to) {
        std::vector<std::uint64_t> entries((to - from) / kPage);
        const ssize_t got =
            ::pread(pagemap, entries.data(), entries.size() * 8, static_cast<off_t>(from / kPage * 8));
        if (got < 0) return;
        entries.resize(static_cast<std::size_t>(got) / 8);
        for (std::size_t i = 0; i < entries.size();) {
            std::size_t end = i;
            while (end < entries.size() && entries[end] >> 62U != 0) ++end;
            if (end > i) look(from + i * kPage, from + end * kPage);
            i = end + 1;
        }
    }
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    Look look;
    look.pid = std::atoi(argv[1]);
    const std::string folder = "/proc/" + std::string(argv[1]);
    look.pagemap = ::open((folder + "/pagemap").c_str(), O_RDONLY | O_CLOEXEC);
    std::FILE* maps = std::fopen((folder + "/maps").c_str(), "re");
    if (maps == nullptr || look.pagemap < 0) return 1;
    const auto began = std::chrono::steady_clock::now();
    char line[4096];
    while (std::fgets(line, sizeof line, maps) != nullptr) {
        char* rest = nullptr;
        const std::uint64_t from = std::strtoull(line, &rest, 16);
        const std::uint64_t to = std::strtoull(rest + 1, &rest, 16);
        if (std::strncmp(rest, " rw-p", 3) == 0 && rest[4] == 'p') look.look_at_pages(from, to);
    }
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - began;
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    std::printf("%llu %.6f %.6f %llu\n", static_cast<unsigned long long>(look.bytes),
                seconds(used.ru_utime) + seconds(used.ru_stime), elapsed.count(),
                static_cast<unsigned long long>(look.hits));
    return 0;
}
