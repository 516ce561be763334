// SPDX-License-Identifier: MIT
// ProcessEvents: the kernel's own news of processes that start or execute a program (netlink, the process
// connector). Nobody is stopped, and nothing is missed that the kernel could deliver. Needs CAP_NET_ADMIN and
// the machine's first namespaces of pids, users and the network.
// Source: Linux drivers/connector/cn_proc.c, include/uapi/linux/cn_proc.h.
#pragma once

#include <sys/types.h>

#include <vector>

#include "symbols/result.hpp"
#include "symbols/unique_fd.hpp"

namespace corotrace {

class ProcessEvents {
public:
    // Waits up to 0.2 s for the kernel to say that it will tell. Errors: denied, unsupported (another
    // namespace, a kernel without CONFIG_PROC_EVENTS).
    [[nodiscard]] static Result<ProcessEvents> open();

    struct News {
        std::vector<pid_t> pids;  // in order; one that did both is named twice
        bool lost = false;        // some did not arrive
    };
    // What came since the last call; never waits. Cost: a system call, and one for each.
    [[nodiscard]] News take();
    // Readable while there is any.
    [[nodiscard]] int fd() const { return socket_.get(); }

private:
    explicit ProcessEvents(UniqueFd socket) : socket_(std::move(socket)) {}

    UniqueFd socket_;
};

}  // namespace corotrace
