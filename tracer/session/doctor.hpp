// SPDX-License-Identifier: MIT
// examine: everything between here and an attach, each as a check of its own, so that all obstacles show at
// once. Writes nothing into the target, traces and stops nobody. What an obstacle keeps from being examined
// is unknown.
#pragma once

#include <sys/types.h>

#include <optional>

#include "symbols/result.hpp"
#include "tracer/findings/check.hpp"
#include "tracer/process/attach_facts.hpp"
#include "tracer/process/host_facts.hpp"

namespace corotrace {

struct Examined {
    Examination examination;
    std::optional<Errc> obstacle;  // as run_attach() would fail; null: usable
};

// Without `pid` what is known of this machine and of corotrace's own place; usable then means that processes
// other than descendants of corotrace can be traced. Needs: no other threads. Cost: some ms.
[[nodiscard]] Examined examine(std::optional<pid_t> pid);

// Of examine(): what facts alone tell. Pure. `facts.pid` 0: without a target.
[[nodiscard]] std::vector<Check> check_host(const AttachFacts& facts, const HostFacts& host);
[[nodiscard]] std::vector<Check> check_access(const AttachFacts& facts, const HostFacts& host);

// Of examine(): what has to be read from the process itself.
struct InsideChecks {
    std::vector<Check> checks;
    std::optional<Errc> obstacle;
};
[[nodiscard]] InsideChecks check_inside(const AttachFacts& facts, bool has_access);

}  // namespace corotrace
