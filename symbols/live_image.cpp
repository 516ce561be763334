// SPDX-License-Identifier: MIT
#include "symbols/live_image.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "symbols/target_files.hpp"
#include "symbols/target_source.hpp"
#include "symbols/unique_fd.hpp"

namespace corotrace {

Result<MemoryMap> LiveImage::read_map() const {
    return MemoryMap::read(pid_);
}

std::vector<AddressSpan> LiveImage::find_resident(const Mapping& mapping) const {
    std::vector<AddressSpan> all{{mapping.start, mapping.end}};
    const UniqueFd fd(::open(("/proc/" + std::to_string(pid_) + "/pagemap").c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.is_open()) return all;
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    // Bits of an entry. Source: Linux Documentation/admin-guide/mm/pagemap.rst.
    constexpr std::uint64_t kThere = std::uint64_t{3} << 62U;  // present, or swapped out
    std::vector<AddressSpan> spans;
    std::array<std::uint64_t, 4096> entries{};
    for (std::uint64_t at = mapping.start.value; at < mapping.end.value;) {
        const std::uint64_t wanted = std::min<std::uint64_t>(entries.size(), (mapping.end.value - at) / page);
        const ssize_t got = ::pread(fd.get(), entries.data(), wanted * sizeof(std::uint64_t),
                                    static_cast<off_t>(at / page * sizeof(std::uint64_t)));
        if (got < static_cast<ssize_t>(sizeof(std::uint64_t))) return all;
        const auto count = static_cast<std::size_t>(got) / sizeof(std::uint64_t);
        for (std::size_t i = 0; i < count; ++i, at += page) {
            if ((entries[i] & kThere) == 0) continue;
            if (spans.empty() || spans.back().end.value != at) spans.push_back({{at}, {at}});
            spans.back().end = {at + page};
        }
    }
    return spans;
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

std::optional<SourceFile> LiveImage::read_source(const std::string& file) const {
    return read_target_source(pid_, file);
}

std::optional<SourceStamp> LiveImage::read_source_stamp(const std::string& file) const {
    return read_target_source_stamp(pid_, file);
}

}  // namespace corotrace
