// SPDX-License-Identifier: MIT
#include "tracer/session/program_files.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <string_view>
#include <vector>

namespace corotrace {

namespace {

constexpr std::size_t kMostFiles = 4096;
constexpr std::size_t kChunkBytes = 1U << 20U;
// The name of a type that each CPython has which has coroutines (Objects/genobject.c since 3.6), stripped or
// not.
constexpr std::string_view kTypeName = "async_generator_asend";
constexpr std::string_view kLibraryName = "libpython";
constexpr std::size_t kLongestWord = kTypeName.size();

// Which of some words a file holds; reads it until all are found.
template <std::size_t kCount>
std::array<bool, kCount> find_words(std::ifstream& file, const std::array<std::string_view, kCount>& words) {
    std::array<bool, kCount> found{};
    std::vector<char> chunk(kLongestWord + kChunkBytes);
    std::size_t kept = 0;  // of the chunk before, for a word that lies across
    for (;;) {
        file.read(chunk.data() + kept, static_cast<std::streamsize>(kChunkBytes));
        const std::size_t filled = kept + static_cast<std::size_t>(file.gcount());
        const std::string_view text(chunk.data(), filled);
        for (std::size_t i = 0; i < kCount; ++i) {
            found[i] = found[i] || text.find(words[i]) != std::string_view::npos;
        }
        if (!file || std::ranges::all_of(found, std::identity{})) return found;
        kept = std::min(filled, kLongestWord);
        std::copy(chunk.begin() + static_cast<std::ptrdiff_t>(filled - kept),
                  chunk.begin() + static_cast<std::ptrdiff_t>(filled), chunk.begin());
    }
}

// Files of code, as the process names them. Lines of proc_pid_maps(5): range, permissions, offset, device,
// inode, path.
std::set<std::string> read_code_files(pid_t pid) {
    std::set<std::string> files;
    std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
    for (std::string line; std::getline(maps, line);) {
        std::istringstream words(line);
        std::string range, permissions, offset, device, inode, path;
        words >> range >> permissions >> offset >> device >> inode >> std::ws;
        std::getline(words, path);
        const bool is_code = permissions.size() > 2 && permissions[2] == 'x' && inode != "0";
        if (is_code && path.starts_with('/')) files.insert(std::move(path));
    }
    return files;
}

}  // namespace

bool ProgramFiles::may_run_python(pid_t pid) {
    const auto files = read_code_files(pid);
    if (files.empty()) return true;  // unreadable: whoever tries to attach tells why
    const std::string root = "/proc/" + std::to_string(pid) + "/root";
    return std::ranges::any_of(files,
                               [&](const std::string& path) { return find_facts(root + path).holds_python; });
}

bool ProgramFiles::may_become_python(pid_t pid) {
    const Facts facts = find_facts("/proc/" + std::to_string(pid) + "/exe");
    return facts.holds_python || facts.names_library;
}

ProgramFiles::Facts ProgramFiles::find_facts(const std::string& path) {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) return {};
    const Key key{.device = facts.st_dev,
                  .inode = facts.st_ino,
                  .seconds = facts.st_mtim.tv_sec,
                  .nanoseconds = facts.st_mtim.tv_nsec};
    const auto known = known_.find(key);
    if (known != known_.end()) return known->second;
    std::ifstream file(path, std::ios::binary);
    if (!file) return {};
    if (known_.size() >= kMostFiles) known_.clear();
    ++files_read_;
    const auto found = find_words(file, std::array{kTypeName, kLibraryName});
    return known_[key] = {.holds_python = found[0], .names_library = found[1]};
}

}  // namespace corotrace
