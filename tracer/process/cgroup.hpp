// SPDX-License-Identifier: MIT
// Cgroup: where a process is in the tree of control groups, and what that path tells of its container, pod
// or service. Container runtimes put their ids into it, each in its own way; a path that none of them makes
// tells nothing, and inside a container with its own cgroup namespace nothing is left to be told.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace corotrace {

struct Cgroup {
    std::string path;                      // v2's, else the longest of v1's
    std::optional<std::string> runtime;    // docker, containerd, cri-o, podman, lxc, nspawn
    std::optional<std::string> container;  // its id (64 hex digits), or its name with lxc and nspawn
    std::optional<std::string> pod;        // Kubernetes' uid of the pod, with hyphens
    std::optional<std::string> unit;       // systemd's NAME.service
};

// /proc/PID/cgroup (cgroups(7)): lines "ID:CONTROLLERS:PATH". Pure. `cpuset` is /proc/PID/cpuset, used where
// the first has only the root.
[[nodiscard]] Cgroup parse_cgroup(std::string_view text, std::string_view cpuset = "");

// nullopt: gone, hidden, or a kernel without control groups.
[[nodiscard]] std::optional<Cgroup> read_cgroup(pid_t pid);

}  // namespace corotrace
