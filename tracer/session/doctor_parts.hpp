// SPDX-License-Identifier: MIT
// What removes an obstacle, as a command or as YAML that can be pasted, for the place where corotrace runs.
// For doctor*.cpp only.
#pragma once

#include <optional>
#include <string>

#include "tracer/findings/check.hpp"
#include "tracer/process/attach_facts.hpp"
#include "tracer/process/cpu_quota.hpp"

namespace corotrace {

// Whether corotrace has CAP_SYS_PTRACE.
[[nodiscard]] bool is_capable(const AttachFacts& facts);
// The right to trace. Root has it, unless it was taken out of the bounding set.
[[nodiscard]] std::string fix_capability(const AttachFacts& facts);
// A seccomp(2) filter that forbids ptrace(2).
[[nodiscard]] std::string fix_seccomp(const AttachFacts& facts);
// A security module's label.
[[nodiscard]] std::string fix_label(const AttachFacts& facts);
// A limit of processor time that is too tight for corotrace.
[[nodiscard]] std::string fix_quota(const AttachFacts& facts);
// A pid namespace in which the target cannot be seen.
[[nodiscard]] std::string fix_namespace(const AttachFacts& facts);

// The same judgement for corotrace and for the target.
[[nodiscard]] Check check_quota(const std::optional<CpuQuota>& quota, std::string id, std::string why,
                                std::string fix);

// "corotrace attach --pid 4711"
[[nodiscard]] std::string attach_command(const AttachFacts& facts);

}  // namespace corotrace
