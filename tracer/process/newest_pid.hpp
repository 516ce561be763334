// SPDX-License-Identifier: MIT
// NewestPid: the id that the kernel gave last to a process or thread of our pid namespace. While it stays the
// same nothing has started there, which costs one system call to know where going through /proc costs one
// for each process.
// Source: Linux fs/proc/loadavg.c, the last field.
#pragma once

#include <sys/types.h>

#include "symbols/result.hpp"
#include "symbols/unique_fd.hpp"

namespace corotrace {

class NewestPid {
public:
    // Starts threads and looks whether each is the newest; of five, as others may start meanwhile, two have
    // to be: what stands in the file is not the kernel's own everywhere (LXC, gVisor). Errors: unsupported
    // (that, or /proc is of another pid namespace than we are).
    [[nodiscard]] static Result<NewestPid> open();

    // Errors: of reading the file; malformed.
    [[nodiscard]] Result<pid_t> read() const;

private:
    explicit NewestPid(UniqueFd file) : file_(std::move(file)) {}

    UniqueFd file_;
};

}  // namespace corotrace
