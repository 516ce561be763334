// SPDX-License-Identifier: MIT
// AttachFacts: all that bears on whether corotrace may trace a process, read at one instant. Reading stops
// nothing and asks the kernel for its own verdict without attaching. attach_obstacle.hpp turns the facts into
// a sentence; they are apart so that every case can be judged without bringing it about.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "tracer/process/procfs.hpp"

namespace corotrace {

inline constexpr const char* kYamaScopePath = "/proc/sys/kernel/yama/ptrace_scope";

// What kind of container corotrace itself runs in, as far as the usual marks tell.
enum class Container : std::uint8_t { kNone, kDocker, kPodman, kKubernetes };

struct AttachFacts {
    pid_t pid = 0;           // as the user gave it; may be the id of a thread
    bool will_trace = true;  // false: it is only read, so another tracer is no obstacle

    // The target. Without a status /proc does not show it.
    bool exists = false;  // kill(2) finds it, whatever /proc shows
    std::optional<ProcessStatus> target;
    std::string process_name;  // of its main thread
    std::string parent_name;
    std::string tracer_name;
    bool is_kernel_thread = false;
    bool is_dumpable = true;       // false: known not to be (prctl(2) PR_SET_DUMPABLE)
    std::optional<bool> is_64bit;  // class of its program's ELF file
    std::string program;           // path of that file
    std::string security_label;    // AppArmor or SELinux; empty: none

    // The kernel's verdict: errno of opening /proc/PID/mem, which makes the check that PTRACE_SEIZE makes
    // (ptrace(2), "Ptrace access mode checking"). 0: we may.
    int access_error = 0;

    // Ourselves.
    bool proc_is_ours = true;  // /proc numbers processes as we do
    ProcessStatus self;
    std::string own_security_label;
    bool in_user_namespace = false;  // not the initial one: our capabilities count only inside
    Container container = Container::kNone;
    std::optional<int> yama_scope;  // nullopt: kernel without Yama
};

// Cost: about 0.1 ms. Errors: denied (no /proc at all), and those of reading our own status.
[[nodiscard]] Result<AttachFacts> read_attach_facts(pid_t pid, const char* yama_scope_path = kYamaScopePath);

}  // namespace corotrace
