// SPDX-License-Identifier: MIT
// SandboxWatch: whether the stub may ask for stops in a process, and whether that process sandboxes itself
// by seccomp(2) while we watch: from then on the stub must make no system calls in it.
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace corotrace {

class SandboxWatch {
public:
    // `why`: why drops are only counted from the beginning. `filters`: of seccomp(2), when we came.
    SandboxWatch(std::optional<std::string> why, std::optional<unsigned> filters)
        : counts_only_(std::move(why)), filters_(filters) {}

    // True: it took on a filter since, and stops have to end now.
    [[nodiscard]] bool look(std::optional<unsigned> filters) {
        if (counts_only_ || !filters || filters == filters_) return false;
        counts_only_ = "the process took on a seccomp(2) filter meanwhile";
        return true;
    }

    // Why nothing was seen of a drop.
    [[nodiscard]] std::string unseen_why() const {
        return counts_only_.value_or(
            "dropped in threads that ended before they could be traced, or muted by the budget");
    }
    // Why no stop is asked for; null: stops may be.
    [[nodiscard]] const std::optional<std::string>& counts_only() const { return counts_only_; }

private:
    std::optional<std::string> counts_only_;
    std::optional<unsigned> filters_;
};

}  // namespace corotrace
