// SPDX-License-Identifier: MIT
#include "tracer/process/relatives.hpp"

#include <linux/kcmp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string>

#include "tracer/process/procfs.hpp"

namespace corotrace {

Result<std::vector<pid_t>> read_children(pid_t pid) {
    CT_TRY(const auto threads, list_threads(pid));
    std::vector<pid_t> children;
    for (const pid_t tid : threads) {
        const std::string task = "/proc/" + std::to_string(pid) + "/task/" + std::to_string(tid);
        std::ifstream file(task + "/children");
        for (pid_t child = 0; file >> child;) children.push_back(child);
    }
    return children;
}

Result<bool> shares_memory(pid_t one, pid_t other) {
    const auto order = ::syscall(SYS_kcmp, one, other, KCMP_VM, 0, 0);
    if (order >= 0) return order == 0;
    const int error = errno;
    const Errc code = error == ESRCH ? Errc::gone : error == ENOSYS ? Errc::unsupported : Errc::denied;
    return Error{code, error,
                 "comparing the memory of " + std::to_string(one) + " and " + std::to_string(other)};
}

}  // namespace corotrace
