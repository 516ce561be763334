// SPDX-License-Identifier: MIT
// Check: one thing that bears on whether corotrace can attach, as `corotrace doctor` tells it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace corotrace {

enum class CheckState : std::uint8_t {
    kOk,
    kWeaker,    // it works, with less certainty or at a higher cost
    kObstacle,  // attaching fails
    kUnknown,   // could not be found out, mostly because of an obstacle before it
};

struct Check {
    std::string id;  // stable: "yama", "tracer"
    CheckState state = CheckState::kUnknown;
    std::string found;  // what is there
    std::string why;    // why it matters
    std::string fix;    // the command or the YAML that removes it, maybe of several lines; empty where ok
};

struct Examination {
    std::optional<pid_t> pid;  // null: of this machine only
    std::string process;       // its name; empty: unknown
    std::vector<Check> checks;
    std::optional<std::string> next;  // the command that can be run now; null: it is not usable
};

// Of all that hinder, in their order.
[[nodiscard]] inline std::vector<std::string> find_obstacles(const Examination& examination) {
    std::vector<std::string> ids;
    for (const Check& check : examination.checks)
        if (check.state == CheckState::kObstacle) ids.push_back(check.id);
    return ids;
}

}  // namespace corotrace
