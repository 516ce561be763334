// SPDX-License-Identifier: MIT
#include "tracer/process/sandbox.hpp"

#include <algorithm>

namespace corotrace {

namespace {

constexpr unsigned kStrict = 1, kFilter = 2;
constexpr int kMostAncestors = 64;

unsigned count_filters(const ProcessStatus& process) {
    if (process.seccomp != kFilter) return 0;
    return std::max(process.seccomp_filters.value_or(1), 1U);
}

bool is_init(const ProcessStatus& process) {
    return process.namespace_pids.empty() ? process.tgid == 1 : process.namespace_pids.back() == 1;
}

std::optional<ProcessStatus> read_init(const ProcessStatus& target) {
    ProcessStatus at = target;
    for (int i = 0; i < kMostAncestors; ++i) {
        const bool same_namespace = at.namespace_pids.size() == target.namespace_pids.size();
        if (!same_namespace) return std::nullopt;
        if (is_init(at)) return at;
        // A daemon's parent may be another one; all namespaces that we are in ourselves have their 1 in
        // sight.
        auto parent = read_process_status(at.parent);
        if (!parent) return std::nullopt;
        at = std::move(parent).value();
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> find_own_sandbox(const ProcessStatus& target,
                                            const std::optional<ProcessStatus>& init) {
    if (target.seccomp == kStrict) return "the process is in the strict mode of seccomp(2)";
    unsigned given = init ? count_filters(*init) : 0;
    // The first process of a container has its runtime's filter; what is on top is its own.
    if (init && init->tgid == target.tgid) given = 1;
    if (count_filters(target) <= given) return std::nullopt;
    return "the process has a seccomp(2) filter of its own, which may forbid what a stop needs";
}

std::optional<std::string> find_own_sandbox(const ProcessStatus& target) {
    if (target.seccomp.value_or(0) == 0) return std::nullopt;
    return find_own_sandbox(target, read_init(target));
}

}  // namespace corotrace
