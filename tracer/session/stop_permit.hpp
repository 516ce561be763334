// SPDX-License-Identifier: MIT
// StopPermit: whether the stub may ask for stops in a process, and why not: the process sandboxes itself by
// seccomp(2), so that the stub must make no system calls in it, or corotrace would let it stand too long.
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace corotrace {

class StopPermit {
public:
    // `why`: why drops are only counted from the beginning. `filters`: of seccomp(2), when we came.
    StopPermit(std::optional<std::string> why, std::optional<unsigned> filters)
        : forbidden_(std::move(why)), filters_(filters) {}

    // True: it took on a filter since, and stops have to end now.
    [[nodiscard]] bool look(std::optional<unsigned> filters) {
        if (forbidden_ || !filters || filters == filters_) return false;
        forbidden_ = "the process took on a seccomp(2) filter meanwhile";
        return true;
    }
    // For good.
    void forbid(const std::string& why) { forbidden_ = why; }
    // Until told otherwise. True: that is a change.
    bool suspend(const std::optional<std::string>& why) {
        return std::exchange(suspended_, why).has_value() != why.has_value();
    }

    // Null: stops may be asked for.
    [[nodiscard]] const std::optional<std::string>& why_not() const {
        return forbidden_ ? forbidden_ : suspended_;
    }
    [[nodiscard]] bool is_forbidden() const { return forbidden_.has_value(); }

private:
    std::optional<std::string> forbidden_;
    std::optional<std::string> suspended_;
    std::optional<unsigned> filters_;
};

}  // namespace corotrace
