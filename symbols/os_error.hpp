// SPDX-License-Identifier: MIT
// What an errno means for a target: one table for all reading of processes and their files in /proc.
#pragma once

#include <cerrno>

#include "symbols/result.hpp"

namespace corotrace {

// ENOENT and ESRCH are an ended process, EACCES and EPERM a refusal, all else is `otherwise`.
[[nodiscard]] constexpr Errc errc_of(int os_error, Errc otherwise = Errc::io) {
    if (os_error == ENOENT || os_error == ESRCH) return Errc::gone;
    return os_error == EACCES || os_error == EPERM ? Errc::denied : otherwise;
}

}  // namespace corotrace
