// SPDX-License-Identifier: MIT
#include "tracer/process/new_pids.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace corotrace {

namespace {

constexpr int kTries = 5;
constexpr int kProofs = 2;
constexpr pid_t kMostIds = 64;

Error unsupported() {
    return {Errc::unsupported, 0, "the newest process of this pid namespace cannot be known"};
}

bool is_proc_of_our_namespace() {
    std::array<char, 32> target{};
    const ssize_t length = ::readlink("/proc/self", target.data(), target.size());
    return length > 0 &&
           std::string_view(target.data(), static_cast<std::size_t>(length)) == std::to_string(::getpid());
}

// False for what is gone, for an id that is not visible yet, and for a thread.
bool is_process(pid_t pid) {
    const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    // Refused (a filter of system calls, an old kernel): it may be one.
    return process.is_open() || (errno != ESRCH && errno != EINVAL && errno != ENOENT);
}

}  // namespace

Result<NewPids> NewPids::open() {
    NewPids pids(UniqueFd(::open("/proc/loadavg", O_RDONLY | O_CLOEXEC)));
    if (!pids.file_.is_open() || !is_proc_of_our_namespace()) return unsupported();
    for (int i = 0, proofs = 0; i < kTries; ++i) {
        pid_t ours = 0;
        Result<pid_t> shown = unsupported();
        try {
            std::thread([&] {
                ours = static_cast<pid_t>(::syscall(SYS_gettid));
                shown = pids.read_newest();
            }).join();
        } catch (const std::system_error&) {
            return unsupported();
        }
        if (!shown) return std::move(shown).error();
        if (*shown == ours && ++proofs == kProofs) {
            pids.newest_ = pids.named_from_ = ours;
            return pids;
        }
    }
    return unsupported();
}

Result<pid_t> NewPids::read_newest() const {
    std::array<char, 128> bytes{};
    ssize_t length = 0;
    do {
        length = ::pread(file_.get(), bytes.data(), bytes.size(), 0);
    } while (length < 0 && errno == EINTR);
    if (length < 0) return Error{Errc::internal, errno, "reading /proc/loadavg failed"};
    std::string_view line(bytes.data(), static_cast<std::size_t>(length));
    while (!line.empty() && line.back() == '\n') line.remove_suffix(1);
    pid_t pid = 0;
    const std::string_view last = line.substr(line.rfind(' ') + 1);
    const auto [end, failed] = std::from_chars(last.data(), last.data() + last.size(), pid);
    if (failed != std::errc{} || end != last.data() + last.size())
        return Error{Errc::malformed, 0, "/proc/loadavg is not as it should be"};
    return pid;
}

ProcessEvents::News NewPids::take() {
    const auto newest = read_newest();
    if (!newest || *newest < newest_ || *newest - named_from_ > kMostIds) {
        has_news_ = true;
        if (newest) newest_ = *newest;
        named_from_ = std::max(0, newest_ - kMostIds / 2);
        return {.pids = {}, .lost = true};
    }
    ProcessEvents::News news;
    // Once more at the next call: an id is given out before its process can be seen.
    if (const bool is_new = *newest != newest_; is_new || has_news_) {
        for (pid_t pid = named_from_ + 1; pid <= *newest; ++pid) {
            if (is_process(pid)) news.pids.push_back(pid);
        }
        named_from_ = std::exchange(newest_, *newest);
        has_news_ = is_new;
    }
    return news;
}

}  // namespace corotrace
