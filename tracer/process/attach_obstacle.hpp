// SPDX-License-Identifier: MIT
// Why a process cannot be traced, told to a person: one sentence with what happened, why, and the next
// command, each case apart from the others. The kernel is asked for its verdict first, so nothing is refused
// here that the kernel would permit (Yama, for one, has exceptions that do not show).
#pragma once

#include <sys/types.h>

#include <optional>

#include "symbols/result.hpp"
#include "tracer/process/attach_facts.hpp"

namespace corotrace {

// Nothing: as far as can be told without attaching, tracing is possible. Else an Error whose `what` is the
// whole message and whose code is
//   usage        corotrace itself, or the id of a thread (the message names its process)
//   not_found    no such process, or a zombie
//   denied       permission, another tracer is attached, or /proc is missing or another pid namespace's
//   unsupported  a kernel thread, a 32-bit program
[[nodiscard]] std::optional<Error> find_attach_obstacle(const AttachFacts& facts);
// The same with the facts of this moment. Before attaching. Stops nothing. Cost: about 0.1 ms.
[[nodiscard]] std::optional<Error> find_attach_obstacle(pid_t pid, bool will_trace = true);

// What to say after the kernel refused with `os_error`: the obstacle, if there is one to be seen, else what
// is known to refuse without leaving a trace (seccomp, security modules, a tracer outside our namespace).
// `gone` if the process ended meanwhile.
[[nodiscard]] Error explain_attach_failure(const AttachFacts& facts, int os_error);
[[nodiscard]] Error explain_attach_failure(pid_t pid, int os_error);

}  // namespace corotrace
