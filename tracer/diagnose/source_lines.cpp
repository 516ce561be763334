// SPDX-License-Identifier: MIT
#include "tracer/diagnose/source_lines.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>

#include "symbols/unique_fd.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMaxFileBytes = 4U << 20;
constexpr std::size_t kMaxLineBytes = 400;
constexpr std::size_t kMaxFiles = 256;

// Opens `file` below the directory `base` without ever leaving it: a symbolic link of the target's must not
// lead us to a file of the host. Source: openat2(2); a kernel without it (before 5.6) shows no source lines.
UniqueFd open_below(const std::string& base, const std::string& file, std::uint64_t resolve) {
    const UniqueFd directory(::open(base.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!directory.is_open()) return {};
    open_how how{};
    // O_NONBLOCK: a FIFO in its place must not hold us.
    how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    how.resolve = resolve | RESOLVE_NO_MAGICLINKS;
    return UniqueFd(
        static_cast<int>(::syscall(SYS_openat2, directory.get(), file.c_str(), &how, sizeof(how))));
}

// Whether the target could read the file itself: otherwise a program that lies about its file names would
// have a privileged corotrace print somebody else's secrets.
bool target_may_read(pid_t pid, const struct stat& file) {
    struct stat process {};
    if (::stat(("/proc/" + std::to_string(pid)).c_str(), &process) != 0) return false;
    return process.st_uid == 0 || process.st_uid == file.st_uid || (file.st_mode & S_IROTH) != 0;
}

std::string read_text(pid_t pid, const std::string& file) {
    const std::string base = "/proc/" + std::to_string(pid);
    const UniqueFd fd = file.starts_with('/') ? open_below(base + "/root", file, RESOLVE_IN_ROOT)
                                              : open_below(base + "/cwd", file, RESOLVE_BENEATH);
    struct stat info {};
    if (!fd.is_open() || ::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
    if (!target_may_read(pid, info)) return {};
    std::string text(std::min<std::size_t>(static_cast<std::size_t>(info.st_size), kMaxFileBytes), '\0');
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t got = ::read(fd.get(), text.data() + done, text.size() - done);
        if (got <= 0) break;
        done += static_cast<std::size_t>(got);
    }
    text.resize(done);
    return text;
}

// Without what ends the line; "" if nothing else is there. The indentation stays: columns count it.
std::string strip_end(const std::string& line) {
    return line.substr(0, line.find_last_not_of(" \t\r\n\f") + 1);
}

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t start = 0; start < text.size();) {
        const auto end = std::min(text.find('\n', start), text.size());
        lines.push_back(strip_end(text.substr(start, end - start)));
        start = end + 1;
    }
    return lines;
}

}  // namespace

const std::vector<std::string>& SourceLines::load(const std::string& file) {
    if (const auto known = files_.find(file); known != files_.end()) return known->second;
    if (files_.size() >= kMaxFiles) files_.clear();
    return files_[file] = split(read_text(pid_, file));
}

std::optional<std::string> SourceLines::find_line(const std::string& file, int line) {
    // "<string>", "<frozen importlib._bootstrap>": not files.
    if (file.empty() || file.starts_with('<') || file.find('\0') != std::string::npos || line < 1) {
        return std::nullopt;
    }
    const auto& lines = load(file);
    const auto index = static_cast<std::size_t>(line) - 1;
    if (index >= lines.size() || lines[index].empty() || lines[index].size() > kMaxLineBytes) {
        return std::nullopt;
    }
    return lines[index];
}

}  // namespace corotrace
