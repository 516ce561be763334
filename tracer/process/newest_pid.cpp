// SPDX-License-Identifier: MIT
#include "tracer/process/newest_pid.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

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

Error unsupported() {
    return {Errc::unsupported, 0, "the newest process of this pid namespace cannot be known"};
}

bool is_proc_of_our_namespace() {
    std::array<char, 32> target{};
    const ssize_t length = ::readlink("/proc/self", target.data(), target.size());
    return length > 0 &&
           std::string_view(target.data(), static_cast<std::size_t>(length)) == std::to_string(::getpid());
}

}  // namespace

Result<NewestPid> NewestPid::open() {
    NewestPid newest(UniqueFd(::open("/proc/loadavg", O_RDONLY | O_CLOEXEC)));
    if (!newest.file_.is_open() || !is_proc_of_our_namespace()) return unsupported();
    for (int i = 0, proofs = 0; i < kTries; ++i) {
        pid_t ours = 0;
        Result<pid_t> shown = unsupported();
        try {
            std::thread([&] {
                ours = static_cast<pid_t>(::syscall(SYS_gettid));
                shown = newest.read();
            }).join();
        } catch (const std::system_error&) {
            return unsupported();
        }
        if (!shown) return std::move(shown).error();
        if (*shown == ours && ++proofs == kProofs) return newest;
    }
    return unsupported();
}

Result<pid_t> NewestPid::read() const {
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

}  // namespace corotrace
