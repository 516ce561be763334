// SPDX-License-Identifier: MIT
#include "tracer/process/attach_obstacle.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "tracer/process/users.hpp"

namespace corotrace {

namespace {

Error obstacle(const AttachFacts& facts, Errc code, std::string_view why_and_next) {
    return {code, facts.access_error,
            "cannot attach to " + std::to_string(facts.pid) + ": " + std::string(why_and_next)};
}

// "4711 (python3)"
std::string describe(pid_t pid, const std::string& name) {
    return std::to_string(pid) + (name.empty() ? "" : " (" + name + ")");
}

std::string describe_user(std::uint32_t uid) {
    const auto name = find_user_name(read_passwd(), uid);
    return std::to_string(uid) + (name ? " (" + *name + ")" : "");
}

// The command that gives corotrace the right to trace, where it runs. Root gets the capability unless it is
// not even in the bounding set, as in most containers.
std::string how_to_get_capability(const AttachFacts& facts) {
    const std::string again = "corotrace attach --pid " + std::to_string(facts.pid);
    if (facts.self.bounding.contains(kCapSysPtrace) && facts.self.uids[1] != 0) {
        return facts.container == Container::kNone ? "run as root: sudo " + again
                                                   : "run as root (user 0 of this container): " + again;
    }
    switch (facts.container) {
        case Container::kKubernetes:
            return "start it by: kubectl debug -it POD --image=IMAGE --target=CONTAINER --profile=general "
                   "-- " +
                   again +
                   "; a sidecar needs shareProcessNamespace: true in the pod and, in its own "
                   "securityContext, "
                   "runAsUser: 0 and capabilities: {add: [SYS_PTRACE]}";
        case Container::kDocker:
        case Container::kPodman: {
            const std::string engine = facts.container == Container::kDocker ? "docker" : "podman";
            return "start its container by: " + engine + " run -it --user=0 --cap-add=SYS_PTRACE " +
                   "--pid=container:NAME IMAGE " + again;
        }
        case Container::kNone:
            break;
    }
    return "start it where CAP_SYS_PTRACE is not taken away (systemd: CapabilityBoundingSet, "
           "AmbientCapabilities; "
           "grep Cap /proc/self/status shows what is left)";
}

std::string missing_capability(const AttachFacts& facts) {
    return facts.self.uids[1] == 0 ? "corotrace runs as root, but without CAP_SYS_PTRACE"
                                   : "corotrace has no CAP_SYS_PTRACE";
}

std::string describe_container_hint(const AttachFacts& facts) {
    if (facts.container == Container::kNone) return "";
    return " (in a container only its own processes are seen; --pid=container:NAME of docker or podman, "
           "--target "
           "of kubectl debug, or shareProcessNamespace shows those of another)";
}

Error no_such_process(const AttachFacts& facts) {
    if (facts.exists) {
        return obstacle(facts, Errc::denied,
                        "the process exists, but /proc hides it from this user (mount option hidepid); " +
                            how_to_get_capability(facts));
    }
    return obstacle(
        facts, Errc::not_found,
        "no such process" + describe_container_hint(facts) + "; list candidates by: pgrep -a python");
}

Error zombie(const AttachFacts& facts) {
    const auto& target = *facts.target;
    if (target.threads > 1) {
        const std::string rest = target.threads == 2
                                     ? "another thread goes on"
                                     : std::to_string(target.threads - 1) + " other threads go on";
        return obstacle(facts, Errc::unsupported,
                        "the main thread of " + facts.process_name + " has ended while " + rest +
                            ", and /proc no longer gives access to its memory; restart the program");
    }
    return obstacle(
        facts, Errc::not_found,
        facts.process_name + " has ended and is a zombie until its parent " +
            describe(target.parent, facts.parent_name) +
            " waits for it, so nothing is left to trace; attach to its successor: pgrep -a python");
}

Error already_traced(const AttachFacts& facts) {
    if (facts.target->tracer == 0) {
        return obstacle(
            facts, Errc::denied,
            "it is being traced by a process in another pid namespace (its state is \"tracing stop\"), "
            "and a process can have one tracer only; end the debugger, strace or profiler on the host "
            "or in the other container first");
    }
    const std::string tracer = std::to_string(facts.target->tracer);
    return obstacle(
        facts, Errc::denied,
        "it is already traced by " + describe(facts.target->tracer, facts.tracer_name) +
            ", and a process can have one tracer only; let that one detach first (gdb: detach, others: "
            "Ctrl-C or kill -INT " +
            tracer + ")");
}

// A right that the kernel asks for unless the caller has CAP_SYS_PTRACE, in the order of
// Linux kernel/ptrace.c __ptrace_may_access and security/yama/yama_lsm.c; nothing if all are there.
std::optional<std::string> find_missing_right(const AttachFacts& facts) {
    const auto& target = *facts.target;
    const auto& self = facts.self;
    const auto is_own = [](const IdSet& ids, std::uint32_t own) {
        return std::all_of(ids.begin(), ids.begin() + 3, [own](std::uint32_t id) { return id == own; });
    };
    if (!is_own(target.uids, self.uids[3])) {
        const auto other = target.uids[1] != self.uids[3] ? target.uids[1] : target.uids[0];
        return "it runs as user " + describe_user(other) + " and corotrace as " + describe_user(self.uids[3]);
    }
    if (!is_own(target.gids, self.gids[3])) {
        return "it runs with group " + std::to_string(target.gids[1]) + " and corotrace with group " +
               std::to_string(self.gids[3]);
    }
    if (!facts.is_dumpable) {
        return "the process is not dumpable (it changed its user, has file capabilities, or called "
               "prctl(PR_SET_DUMPABLE, 0))";
    }
    if (!target.permitted.is_subset_of(self.permitted))
        return "the process has capabilities that corotrace has not";
    return std::nullopt;
}

Error denied_by_yama(const AttachFacts& facts) {
    const std::string scope = "Yama ptrace_scope is " + std::to_string(*facts.yama_scope);
    const std::string has_none = " and " + missing_capability(facts) + "; ";
    switch (*facts.yama_scope) {
        case 1:
            return obstacle(facts, Errc::denied,
                            scope + " (a process may trace only its descendants)" + has_none +
                                how_to_get_capability(facts) + ", or: sysctl kernel.yama.ptrace_scope=0");
        case 2:
            return obstacle(
                facts, Errc::denied,
                scope + " (only CAP_SYS_PTRACE may trace)" + has_none + how_to_get_capability(facts));
        default:
            return obstacle(
                facts, Errc::denied,
                scope +
                    ", which forbids tracing to everybody, root too, and cannot be changed while "
                    "the kernel runs; set kernel.yama.ptrace_scope=1 in /etc/sysctl.d and reboot");
    }
}

std::string describe_labels(const AttachFacts& facts) {
    if (facts.security_label.empty() && facts.own_security_label.empty()) return "";
    const auto name = [](const std::string& label) { return label.empty() ? std::string("none") : label; };
    return " (security label of the process: " + name(facts.security_label) +
           ", of corotrace: " + name(facts.own_security_label) + ")";
}

Error denied_by_kernel(const AttachFacts& facts) {
    const int scope = facts.yama_scope.value_or(0);
    if (scope >= 3) return denied_by_yama(facts);
    if (!facts.self.effective.contains(kCapSysPtrace)) {
        if (const auto right = find_missing_right(facts)) {
            return obstacle(
                facts, Errc::denied,
                *right + ", and " + missing_capability(facts) + "; " + how_to_get_capability(facts));
        }
        if (scope > 0) return denied_by_yama(facts);
    }
    if (facts.in_user_namespace) {
        return obstacle(
            facts, Errc::denied,
            "corotrace runs in a user namespace of its own (a rootless container?), where its "
            "capabilities count only for processes inside, and this one belongs to an outer one; run "
            "corotrace outside, as the user of the process or as root");
    }
    return obstacle(
        facts, Errc::denied,
        "a security module forbids it" + describe_labels(facts) +
            "; give corotrace the label of the process or allow ptrace in its profile (docker: "
            "--security-opt apparmor=unconfined), and look for the denial by: dmesg | grep -i denied");
}

// ptrace(2) failed though nothing that can be seen stands against it.
Error refused_without_trace(const AttachFacts& facts, int os_error) {
    const std::string refused = "ptrace(2) is refused (" + std::string(::strerror(os_error)) + ")";
    if (os_error != EPERM && os_error != EACCES && os_error != ENOSYS)
        return obstacle(facts, Errc::io, refused);
    if (facts.self.seccomp == 2U) {
        return obstacle(facts, Errc::denied,
                        refused +
                            " though the process itself is open to corotrace: corotrace runs under a seccomp "
                            "filter, most likely its container's; " +
                            how_to_get_capability(facts) + ", or add --security-opt seccomp=unconfined");
    }
    return obstacle(facts, Errc::denied,
                    refused +
                        " though the process itself is open to corotrace: it may be traced from another pid "
                        "namespace, or a security module forbids it" +
                        describe_labels(facts) +
                        "; look for a debugger or profiler on the host, and run: dmesg | grep -i denied");
}

}  // namespace

std::optional<Error> find_attach_obstacle(const AttachFacts& facts) {
    if (!facts.proc_is_ours) {
        return obstacle(
            facts, Errc::denied,
            "/proc shows another pid namespace than the one corotrace runs in, so the number may mean "
            "another process; run: mount -t proc proc /proc");
    }
    if (!facts.target) return no_such_process(facts);
    const auto& target = *facts.target;
    if (target.tgid == facts.self.tgid)
        return obstacle(facts, Errc::usage,
                        "it is corotrace itself; give the pid of a Python process: pgrep -a python");
    if (target.tgid != facts.pid) {
        return obstacle(facts, Errc::usage,
                        "it is a thread of process " + describe(target.tgid, facts.process_name) +
                            "; run: corotrace attach --pid " + std::to_string(target.tgid));
    }
    if (target.state == 'Z' || target.state == 'X') return zombie(facts);
    if (facts.is_kernel_thread) {
        return obstacle(facts, Errc::unsupported,
                        facts.process_name +
                            " is a kernel thread and runs no program; "
                            "list candidates by: pgrep -a python");
    }
    if (facts.will_trace && (target.tracer != 0 || target.state == 't')) return already_traced(facts);
    if (facts.access_error == EACCES || facts.access_error == EPERM) return denied_by_kernel(facts);
    if (facts.is_64bit == false) {
        return obstacle(facts, Errc::unsupported,
                        facts.program +
                            " is a 32-bit program, and corotrace knows the 64-bit layouts of CPython "
                            "only; run the service with a 64-bit Python");
    }
    return std::nullopt;
}

std::optional<Error> find_attach_obstacle(pid_t pid, bool will_trace) {
    auto facts = read_attach_facts(pid);
    if (!facts) return facts.error();
    facts->will_trace = will_trace;
    return find_attach_obstacle(*facts);
}

Error explain_attach_failure(const AttachFacts& facts, int os_error) {
    if (os_error == ESRCH && (!facts.target || facts.target->state != 'Z')) {
        return {Errc::gone, ESRCH, "process " + std::to_string(facts.pid)};
    }
    auto error = find_attach_obstacle(facts).value_or(refused_without_trace(facts, os_error));
    error.os_error = os_error;
    return error;
}

Error explain_attach_failure(pid_t pid, int os_error) {
    const auto facts = read_attach_facts(pid);
    return facts ? explain_attach_failure(*facts, os_error) : facts.error();
}

}  // namespace corotrace
