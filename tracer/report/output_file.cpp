// SPDX-License-Identifier: MIT
#include "tracer/report/output_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace corotrace {
namespace {

Error make_error(Errc code, int os_error, const std::string& path, std::string_view why) {
    return {code, os_error, "cannot write to " + path + ": " + std::string(why)};
}

Error make_os_error(int os_error, const std::string& path) {
    const bool denied = os_error == EACCES || os_error == EPERM || os_error == EROFS;
    const bool usage = os_error == ENOENT || os_error == ENOTDIR || os_error == ENAMETOOLONG;
    return make_error(denied  ? Errc::denied
                      : usage ? Errc::usage
                              : Errc::io,
                      os_error, path, std::strerror(os_error));
}

// A pipe or a device that is there: /dev/null, a terminal, a named pipe.
Result<UniqueFd> open_special(const UniqueFd& folder, const std::string& name, const std::string& path) {
    // O_NONBLOCK: a pipe without a reader fails with ENXIO here instead of waiting for one.
    UniqueFd fd(
        ::openat(folder.get(), name.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (!fd.is_open() && errno == ENXIO)
        return make_error(Errc::usage, ENXIO, path, "nobody reads that pipe");
    if (!fd.is_open()) return make_os_error(errno, path);
    struct stat found {};
    if (::fstat(fd.get(), &found) != 0) return make_os_error(errno, path);
    if (found.st_uid != 0 && found.st_uid != ::geteuid())
        return make_error(Errc::usage, 0, path, "it is a pipe or device of another user");
    return fd;
}

}  // namespace

Result<OutputFile> OutputFile::open(const std::string& path) {
    if (path == "-") return OutputFile(STDOUT_FILENO, UniqueFd());
    if (path == kToStandardError) return OutputFile(STDERR_FILENO, UniqueFd());
    const std::size_t slash = path.rfind('/');
    const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
    const std::string parent = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    if (name.empty()) return make_error(Errc::usage, 0, path, "it names a folder");
    UniqueFd folder(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.is_open()) return make_os_error(errno, path);

    struct stat found {};
    if (::fstatat(folder.get(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno != ENOENT) return make_os_error(errno, path);
    } else if (S_ISLNK(found.st_mode)) {
        return make_error(
            Errc::usage, 0, path,
            "it is a symbolic link, which is not followed; name its target, or use: -o - > FILE");
    } else if (S_ISDIR(found.st_mode)) {
        return make_error(Errc::usage, 0, path, "it is a folder");
    } else if (!S_ISREG(found.st_mode)) {
        CT_TRY(auto special, open_special(folder, name, path));
        const int fd = special.get();
        OutputFile file(fd, std::move(special));
        file.path_ = path;
        return file;
    }
    return create(path, std::move(folder), name);
}

Result<OutputFile> OutputFile::create(const std::string& path, UniqueFd folder, const std::string& name) {
    for (int attempt = 0; attempt < 100; ++attempt) {
        const std::string draft =
            ".corotrace-" + std::to_string(::getpid()) + "-" + std::to_string(attempt) + ".tmp";
        UniqueFd fd(::openat(folder.get(), draft.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
        if (!fd.is_open() && errno == EEXIST) continue;
        if (!fd.is_open()) return make_os_error(errno, path);
        const int number = fd.get();
        OutputFile file(number, std::move(fd));
        file.folder_ = std::move(folder);
        file.path_ = path;
        file.name_ = name;
        file.draft_ = draft;
        return file;
    }
    return make_error(Errc::io, EEXIST, path, "its folder is full of old drafts (.corotrace-*.tmp)");
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : fd_(other.fd_),
      owned_(std::move(other.owned_)),
      folder_(std::move(other.folder_)),
      path_(std::move(other.path_)),
      name_(std::move(other.name_)),
      draft_(std::exchange(other.draft_, {})) {}

OutputFile::~OutputFile() {
    if (folder_.is_open() && !draft_.empty()) ::unlinkat(folder_.get(), draft_.c_str(), 0);
}

// rename(2) replaces what stands there, a link planted meanwhile too, and never writes through it.
Status OutputFile::take_place() {
    if (::renameat(folder_.get(), draft_.c_str(), folder_.get(), name_.c_str()) != 0)
        return make_os_error(errno, path_);
    folder_.reset();
    return {};
}

Status OutputFile::write(std::string_view text) {
    const std::string where = owned_.is_open() ? path_ : "standard output";
    if (folder_.is_open()) {
        if (auto placed = take_place(); !placed) return placed;
    }
    while (!text.empty()) {
        const ssize_t written = ::write(fd_, text.data(), text.size());
        if (written >= 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {
            pollfd ready{fd_, POLLOUT, 0};
            if (::poll(&ready, 1, -1) < 0 && errno != EINTR) return make_os_error(errno, where);
        } else if (errno != EINTR) {
            return make_error(Errc::io, errno, where, std::strerror(errno));
        }
    }
    return {};
}

Status OutputFile::close() {
    // After EINTR the descriptor is closed all the same: close(2), Linux.
    if (owned_.is_open() && ::close(owned_.release()) != 0 && errno != EINTR) {
        return make_error(Errc::io, errno, path_, std::strerror(errno));
    }
    return {};
}

}  // namespace corotrace
