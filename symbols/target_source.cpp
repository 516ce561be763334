// SPDX-License-Identifier: MIT
#include "symbols/target_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <deque>
#include <fstream>
#include <sstream>

#include "symbols/unique_fd.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMaxFileBytes = 4U << 20;
constexpr int kMaxLinks = 40;  // as the kernel: path_resolution(7)
constexpr unsigned kMayRead = 4, kMaySearch = 1;
constexpr std::uint64_t kOverriding = 0x6;  // CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH: capabilities(7)

UniqueFd open_at(int folder, const std::string& name, int flags) {
    return UniqueFd(::openat(folder, name.c_str(), flags | O_CLOEXEC));
}

// Walks a path the way the kernel would for the process, a component at a time: that shows each directory to
// be asked about, and no link and no ".." can lead out of where the walk began.
class Walk {
public:
    Walk(FileIds ids, bool from_root) : ids_(std::move(ids)), from_root_(from_root) {}

    UniqueFd open(const std::string& base, const std::string& path) {
        folders_.emplace_back(::open(base.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (!folders_.back().is_open() || !add(path)) return {};
        while (!rest_.empty()) {
            const std::string name = rest_.front();
            rest_.pop_front();
            struct stat info {};
            if (!may_search(info)) return {};
            if (name == "..") {
                if (!go_up()) return {};
                continue;
            }
            UniqueFd next = open_at(folders_.back().get(), name, O_PATH | O_NOFOLLOW);
            if (!next.is_open() || ::fstat(next.get(), &info) != 0) return {};
            if (S_ISLNK(info.st_mode)) {
                if (!follow(next)) return {};
            } else if (S_ISDIR(info.st_mode)) {
                folders_.push_back(std::move(next));
            } else {
                return rest_.empty() ? open_regular(next, info) : UniqueFd();
            }
        }
        return {};
    }

private:
    bool may_search(struct stat& info) const {
        return ::fstat(folders_.back().get(), &info) == 0 &&
               ids_.may(kMaySearch, info.st_mode, info.st_uid, info.st_gid);
    }

    bool go_up() {
        if (folders_.size() > 1) {
            folders_.pop_back();
            return true;
        }
        return from_root_;  // the parent of the root is the root
    }

    // Puts the components of `path` before what is left.
    bool add(const std::string& path) {
        if (path.size() > PATH_MAX) return false;
        if (path.starts_with('/')) {
            if (!from_root_) return false;
            folders_.erase(folders_.begin() + 1, folders_.end());
        }
        std::vector<std::string> names;
        std::istringstream stream(path);
        for (std::string name; std::getline(stream, name, '/');) {
            if (!name.empty() && name != ".") names.push_back(name);
        }
        rest_.insert(rest_.begin(), names.begin(), names.end());
        return true;
    }

    bool follow(const UniqueFd& link) {
        std::array<char, PATH_MAX> text{};
        const ssize_t size = ::readlinkat(link.get(), "", text.data(), text.size());
        if (size <= 0 || ++links_ > kMaxLinks) return false;
        return add(std::string(text.data(), static_cast<std::size_t>(size)));
    }

    // Opening a device or a FIFO that the process chose could block or do harm.
    [[nodiscard]] UniqueFd open_regular(const UniqueFd& file, const struct stat& info) const {
        if (!S_ISREG(info.st_mode) || !ids_.may(kMayRead, info.st_mode, info.st_uid, info.st_gid)) return {};
        const std::string link = "/proc/self/fd/" + std::to_string(file.get());
        return UniqueFd(::open(link.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    }

    FileIds ids_;
    bool from_root_;
    std::vector<UniqueFd> folders_;  // from where the walk began to where it is
    std::deque<std::string> rest_;
    int links_ = 0;
};

std::optional<FileIds> read_file_ids(const std::string& process) {
    std::ifstream file(process + "/status");
    std::stringstream text;
    text << file.rdbuf();
    auto ids = parse_file_ids(text.str());
    if (!ids) return std::nullopt;
    // Capabilities count for files in the namespace that they were given in.
    struct stat theirs {};
    struct stat ours {};
    const bool is_same = ::stat((process + "/ns/user").c_str(), &theirs) == 0 &&
                         ::stat("/proc/self/ns/user", &ours) == 0 && theirs.st_ino == ours.st_ino;
    ids->overrides = ids->overrides && is_same;
    return ids;
}

}  // namespace

bool FileIds::may(unsigned wanted, unsigned mode, uid_t owner, gid_t group) const {
    if (overrides) return true;
    unsigned bits = mode;
    if (uid == owner) {
        bits = mode >> 6U;
    } else if (gid == group || std::ranges::find(groups, group) != groups.end()) {
        bits = mode >> 3U;
    }
    return (bits & wanted) == wanted;
}

std::optional<FileIds> parse_file_ids(const std::string& status) {
    FileIds ids;
    int found = 0;
    std::istringstream lines(status);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string key;
        words >> key;
        std::uint64_t number = 0;
        if (key == "Uid:" || key == "Gid:") {
            // Real, effective, saved, and that of the file system.
            for (int i = 0; i < 4; ++i) words >> number;
            if (!words) return std::nullopt;
            (key == "Uid:" ? ids.uid : ids.gid) = static_cast<uid_t>(number);
            ++found;
        } else if (key == "Groups:") {
            while (words >> number) ids.groups.push_back(static_cast<gid_t>(number));
            ++found;
        } else if (key == "CapEff:") {
            if (!(words >> std::hex >> number)) return std::nullopt;
            ids.overrides = (number & kOverriding) != 0;
            ++found;
        }
    }
    if (found != 4) return std::nullopt;
    return ids;
}

std::optional<SourceFile> read_target_source(pid_t pid, const std::string& file) {
    const std::string process = "/proc/" + std::to_string(pid);
    auto ids = read_file_ids(process);
    if (!ids) return std::nullopt;
    return read_source_below(process + (file.starts_with('/') ? "/root" : "/cwd"), *std::move(ids), file);
}

std::optional<SourceFile> read_source_below(const std::string& folder, FileIds ids, const std::string& file) {
    if (file.find('\0') != std::string::npos) return std::nullopt;
    const UniqueFd fd = Walk(std::move(ids), file.starts_with('/')).open(folder, file);
    struct stat info {};
    if (!fd.is_open() || ::fstat(fd.get(), &info) != 0) return std::nullopt;
    std::string text(std::min<std::size_t>(static_cast<std::size_t>(info.st_size), kMaxFileBytes), '\0');
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t got = ::read(fd.get(), text.data() + done, text.size() - done);
        if (got <= 0) break;
        done += static_cast<std::size_t>(got);
    }
    text.resize(done);
    return SourceFile{.text = std::move(text), .stamp = make_source_stamp(info)};
}

std::optional<SourceStamp> read_target_source_stamp(pid_t pid, const std::string& file) {
    return read_source_stamp_below(
        "/proc/" + std::to_string(pid) + (file.starts_with('/') ? "/root" : "/cwd"), file);
}

std::optional<SourceStamp> read_source_stamp_below(const std::string& folder, const std::string& file) {
    const std::string path = folder + "/" + file;
    struct stat info {};
    if (file.find('\0') != std::string::npos || ::stat(path.c_str(), &info) != 0) return std::nullopt;
    return make_source_stamp(info);
}

}  // namespace corotrace
