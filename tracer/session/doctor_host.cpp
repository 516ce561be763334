// SPDX-License-Identifier: MIT
// What this machine and corotrace's own place allow.
#include <cstring>
#include <string>
#include <utility>

#include "symbols/escape.hpp"
#include "tracer/session/doctor.hpp"
#include "tracer/session/doctor_parts.hpp"

namespace corotrace {

namespace {

// Whether the kernel lets us in, whatever is missing; without a target there is nothing to ask it about.
bool is_open(const AttachFacts& facts) {
    return facts.target && facts.access_error == 0;
}

// What is missing does no harm where the kernel lets us in.
CheckState missing(const AttachFacts& facts) {
    return is_open(facts) ? CheckState::kOk : CheckState::kObstacle;
}

Check check_yama(const AttachFacts& facts) {
    Check check{.id = "yama",
                .state = CheckState::kOk,
                .found = "no Yama in this kernel",
                .why = "Yama limits who may trace whom, beyond user ids",
                .fix = ""};
    if (!facts.yama_scope) return check;
    const int scope = *facts.yama_scope;
    constexpr const char* kMeanings[] = {"whoever has the same user", "ancestors of a process",
                                         "holders of CAP_SYS_PTRACE", "nobody"};
    check.found = "kernel.yama.ptrace_scope is " + std::to_string(scope) + ": " +
                  (scope >= 0 && scope <= 3 ? kMeanings[scope] : "unknown") + " may trace";
    if (scope == 0 || (scope < 3 && is_capable(facts))) return check;
    check.state = missing(facts);
    if (check.state == CheckState::kOk) return check;
    if (scope >= 3) {
        check.fix = "echo kernel.yama.ptrace_scope=1 > /etc/sysctl.d/60-ptrace.conf && reboot";
    } else {
        check.fix = scope == 1 ? "sysctl kernel.yama.ptrace_scope=0\n# or: " : "";
        check.fix += fix_capability(facts);
    }
    return check;
}

Check check_capability(const AttachFacts& facts) {
    Check check{
        .id = "capability",
        .state = CheckState::kOk,
        .found = is_capable(facts) ? "corotrace has CAP_SYS_PTRACE" : "corotrace has no CAP_SYS_PTRACE",
        .why =
            "with it corotrace may trace processes of any user; without it those of its own, if "
            "Yama allows it",
        .fix = ""};
    if (is_capable(facts)) return check;
    const bool needed = facts.target ? !is_open(facts) : facts.yama_scope.value_or(0) > 0;
    if (!needed) return check;
    check.state = CheckState::kObstacle;
    check.fix = fix_capability(facts);
    return check;
}

Check check_bounding_set(const AttachFacts& facts) {
    const bool has = facts.self.bounding.contains(kCapSysPtrace);
    Check check{.id = "bounding_set",
                .state = CheckState::kOk,
                .found = has ? "CAP_SYS_PTRACE is in it" : "CAP_SYS_PTRACE was taken out of it",
                .why =
                    "what is not in the bounding set no program started from here can get, not by sudo "
                    "either",
                .fix = ""};
    if (has || is_open(facts)) return check;
    check.state = is_capable(facts) ? CheckState::kOk : CheckState::kWeaker;
    if (check.state != CheckState::kOk) check.fix = fix_capability(facts);
    return check;
}

Check check_no_new_privileges(const AttachFacts& facts) {
    Check check{.id = "no_new_privs",
                .state = CheckState::kOk,
                .found = "not set",
                .why = "where it is set, sudo and file capabilities give no rights",
                .fix = ""};
    if (!facts.self.no_new_privs) {
        check.state = CheckState::kUnknown;
        check.found = "the kernel does not tell";
        return check;
    }
    if (!*facts.self.no_new_privs) return check;
    check.found = "set";
    if (is_capable(facts) || is_open(facts)) return check;
    check.state = CheckState::kWeaker;
    check.fix = facts.container == Container::kKubernetes
                    ? "securityContext:\n  allowPrivilegeEscalation: true"
                    : "# start corotrace from outside of what set it "
                      "(systemd: NoNewPrivileges=no; docker: without "
                      "--security-opt no-new-privileges)";
    return check;
}

Check check_seccomp(const AttachFacts& facts, const HostFacts& host) {
    const unsigned mode = facts.self.seccomp.value_or(0);
    Check check{.id = "seccomp",
                .state = CheckState::kOk,
                .found = mode == 0 ? "no filter" : "corotrace runs under a filter",
                .why = "a filter on corotrace itself, its container's or its unit's, may forbid ptrace(2)",
                .fix = ""};
    switch (host.ptrace_call) {
        case PtraceCall::kPasses:
            check.found += ", and ptrace(2) can be called";
            return check;
        case PtraceCall::kRefused:
            check.found += ", and ptrace(2) is refused: " + std::string(std::strerror(host.ptrace_error));
            break;
        case PtraceCall::kKilled:
            check.found += " that ends who calls ptrace(2)";
            break;
    }
    check.state = CheckState::kObstacle;
    check.fix = fix_seccomp(facts);
    return check;
}

Check check_lockdown(const HostFacts& host) {
    return {
        .id = "lockdown",
        .state = CheckState::kOk,
        .found = host.lockdown ? "the kernel's lockdown is " + *host.lockdown : "no lockdown in this kernel",
        .why = "its modes protect the kernel and not processes, so none of them forbids tracing",
        .fix = ""};
}

Check check_force_override(const HostFacts& host) {
    Check check{.id = "force_override",
                .state = CheckState::kOk,
                .found = "/proc/PID/mem writes code",
                .why =
                    "code is written through /proc/PID/mem while the process runs; where the kernel does "
                    "not let it, one thread is stopped for some microseconds instead",
                .fix = ""};
    if (host.writes_read_only) return check;
    check.state = CheckState::kWeaker;
    check.found = "/proc/PID/mem does not write code" +
                  (host.force_override ? " (proc_mem.force_override=" + printable(*host.force_override) + ")"
                                       : std::string());
    check.fix = "# on the kernel's command line, if it matters:\nproc_mem.force_override=always";
    return check;
}

std::string describe_quota(const CpuQuota& quota) {
    if (!quota.cores) return "no limit";
    std::string text = "limited to " + describe_cores(*quota.cores) + " (thousandths of a core)";
    if (quota.periods && quota.throttled && *quota.periods > 0)
        text += ", throttled in " + std::to_string(*quota.throttled) + " of " +
                std::to_string(*quota.periods) + " periods";
    return text;
}

Check check_container(const AttachFacts& facts, const HostFacts& host) {
    constexpr const char* kNames[] = {"no container by its usual marks", "Docker", "Podman", "Kubernetes"};
    Check check{
        .id = "container",
        .state = CheckState::kOk,
        .found = std::string("corotrace runs in ") + kNames[static_cast<std::size_t>(facts.container)],
        .why = "in a container only the processes of its own pid namespace are seen",
        .fix = ""};
    if (host.cgroup && host.cgroup->runtime) check.found += " (" + printable(*host.cgroup->runtime) + ")";
    if (facts.in_user_namespace) check.found += ", in a user namespace of its own";
    return check;
}

}  // namespace

Check check_quota(const std::optional<CpuQuota>& quota, std::string id, std::string why, std::string fix) {
    Check check{.id = std::move(id),
                .state = CheckState::kUnknown,
                .found = "no control group of the processor can be read",
                .why = std::move(why),
                .fix = ""};
    if (!quota) return check;
    check.found = describe_quota(*quota);
    check.state = quota->cores && *quota->cores < kFewCores ? CheckState::kWeaker : CheckState::kOk;
    if (check.state == CheckState::kWeaker) check.fix = std::move(fix);
    return check;
}

std::vector<Check> check_host(const AttachFacts& facts, const HostFacts& host) {
    return {
        check_yama(facts),
        check_capability(facts),
        check_bounding_set(facts),
        check_no_new_privileges(facts),
        check_seccomp(facts, host),
        check_lockdown(host),
        check_force_override(host),
        check_container(facts, host),
        check_quota(host.quota, "cpu_quota",
                    "a stopped thread waits until corotrace runs; with a quota of 5 % that took up to 0.3 s. "
                    "Below a quarter of a core attach therefore stops no thread, and arguments are not known",
                    fix_quota(facts))};
}

}  // namespace corotrace
