// SPDX-License-Identifier: MIT
#include "tracer/process/privileges.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

namespace corotrace {

namespace {

constexpr std::uint32_t bit(int capability) {
    return 1U << capability;
}

// All of them are among the first 32.
constexpr std::uint32_t kKept =
    bit(CAP_SYS_PTRACE) | bit(CAP_DAC_OVERRIDE) | bit(CAP_DAC_READ_SEARCH) | bit(CAP_SYS_NICE);

constexpr int kNice = -10;

}  // namespace

void raise_priority() {
    static_cast<void>(::setpriority(PRIO_PROCESS, 0, kNice));
}

Status drop_privileges() {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return Error{Errc::io, errno, "PR_SET_NO_NEW_PRIVS"};
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, 2> data{};
    if (::syscall(SYS_capget, &header, data.data()) != 0)
        return Error{Errc::io, errno, "reading capabilities"};
    data[0] = {
        .effective = data[0].effective & kKept, .permitted = data[0].permitted & kKept, .inheritable = 0};
    data[1] = {};
    if (::syscall(SYS_capset, &header, data.data()) != 0)
        return Error{Errc::io, errno, "giving up capabilities"};
    return {};
}

}  // namespace corotrace
