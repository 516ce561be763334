// SPDX-License-Identifier: MIT
// What stands between corotrace and one process, as far as facts about both tell.
#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "symbols/escape.hpp"
#include "tracer/process/users.hpp"
#include "tracer/session/doctor.hpp"
#include "tracer/session/doctor_parts.hpp"

namespace corotrace {

namespace {

std::string describe(pid_t pid, const std::string& name) {
    return std::to_string(pid) + (name.empty() ? "" : " (" + name + ")");
}

// A right that is missing, which CAP_SYS_PTRACE makes up for.
void miss(Check& check, const AttachFacts& facts) {
    if (is_capable(facts) || facts.access_error == 0) return;
    check.state = CheckState::kObstacle;
    check.fix = fix_capability(facts);
}

Check check_process(const AttachFacts& facts) {
    Check check{.id = "process",
                .state = CheckState::kObstacle,
                .found = "",
                .why = "it must be a process that runs a 64-bit program",
                .fix = "corotrace list"};
    if (!facts.target) {
        check.found =
            facts.exists ? "it exists, but /proc hides it" : "no such process can be seen from here";
        check.fix = facts.exists ? fix_capability(facts) : fix_namespace(facts);
        return check;
    }
    const ProcessStatus& target = *facts.target;
    if (target.tgid == facts.self.tgid) {
        check.found = "it is corotrace itself";
    } else if (target.tgid != facts.pid) {
        check.found = "it is a thread of process " + describe(target.tgid, facts.process_name);
        check.fix = "corotrace doctor --pid " + std::to_string(target.tgid);
    } else if (target.state == 'Z' || target.state == 'X') {
        check.found = target.threads > 1
                          ? "its main thread has ended, and /proc gives no access to the memory of the others"
                          : "it has ended and is a zombie";
    } else if (facts.is_kernel_thread) {
        check.found = "it is a kernel thread and runs no program";
    } else if (facts.is_64bit == false) {
        check.found = facts.program + " is a 32-bit program";
        check.fix = "# run the service with a 64-bit Python";
    } else {
        check.state = CheckState::kOk;
        check.found =
            describe(facts.pid, facts.process_name) + (facts.program.empty() ? "" : " runs " + facts.program);
        check.fix = "";
    }
    return check;
}

Check check_hidepid(const AttachFacts& facts, const HostFacts& host) {
    Check check{.id = "hidepid",
                .state = CheckState::kOk,
                .found = host.hidepid ? "/proc is mounted with hidepid=" + printable(*host.hidepid)
                                      : "/proc shows everybody",
                .why = "with hidepid /proc shows to a user no processes of others",
                .fix = ""};
    if (facts.target || !facts.exists) return check;
    check.state = CheckState::kObstacle;
    check.fix = "mount -o remount,hidepid=0 /proc\n# or: " + fix_capability(facts);
    return check;
}

std::string describe_user(std::uint32_t uid, const std::string& passwd) {
    const auto name = find_user_name(passwd, uid);
    return std::to_string(uid) + (name ? " (" + printable(*name) + ")" : "");
}

// Linux kernel/ptrace.c __ptrace_may_access compares the first three of the target's with our own for files.
Check check_user(const AttachFacts& facts) {
    const std::string passwd = read_passwd();
    const auto& target = *facts.target;
    const auto is_own = [](const IdSet& ids, std::uint32_t own) {
        return std::all_of(ids.begin(), ids.begin() + 3, [own](std::uint32_t id) { return id == own; });
    };
    const bool same = is_own(target.uids, facts.self.uids[3]) && is_own(target.gids, facts.self.gids[3]);
    Check check{.id = "user",
                .state = CheckState::kOk,
                .found = "it runs as user " + describe_user(target.uids[1], passwd) + " with group " +
                         std::to_string(target.gids[1]) + ", corotrace as " +
                         describe_user(facts.self.uids[3], passwd) + " with group " +
                         std::to_string(facts.self.gids[3]),
                .why = "without CAP_SYS_PTRACE all user and group ids of both must be the same",
                .fix = ""};
    if (!same) miss(check, facts);
    return check;
}

Check check_user_namespace(const AttachFacts& facts, const HostFacts& host) {
    Check check{.id = "user_namespace",
                .state = CheckState::kOk,
                .found = "both are in the same one",
                .why = "capabilities count only for processes of the own user namespace and of those inside",
                .fix = ""};
    if (host.same_user_namespace == true) return check;
    check.found = host.same_user_namespace == false ? "it is in another one than corotrace"
                                                    : "which one it is in may not be read";
    if (facts.access_error == 0) return check;
    if (!facts.in_user_namespace) {
        check.state = CheckState::kUnknown;
        return check;
    }
    check.state = CheckState::kObstacle;
    check.found = "corotrace is in one of its own (a rootless container?), and the process is not inside";
    check.fix =
        "# outside of that namespace, as the user of the process or as root:\n" + attach_command(facts);
    return check;
}

Check check_dumpable(const AttachFacts& facts) {
    Check check{.id = "dumpable",
                .state = CheckState::kOk,
                .found = facts.is_dumpable ? "nothing says that it is not" : "it is not dumpable",
                .why =
                    "a process that changed its user, has file capabilities or called "
                    "prctl(PR_SET_DUMPABLE, 0) is closed to its own user",
                .fix = ""};
    if (!facts.is_dumpable) miss(check, facts);
    return check;
}

Check check_target_capabilities(const AttachFacts& facts) {
    const bool has_more = !facts.target->permitted.is_subset_of(facts.self.permitted);
    Check check{
        .id = "target_capabilities",
        .state = CheckState::kOk,
        .found = has_more ? "it has capabilities that corotrace has not" : "corotrace has all of them",
        .why = "without CAP_SYS_PTRACE nobody may trace who has more capabilities",
        .fix = ""};
    if (has_more) miss(check, facts);
    return check;
}

Check check_tracer(const AttachFacts& facts) {
    const auto& target = *facts.target;
    Check check{.id = "tracer",
                .state = CheckState::kOk,
                .found = "nobody traces it",
                .why = "a process can have one tracer: gdb, strace, a profiler or another corotrace",
                .fix = ""};
    if (target.tracer != 0) {
        check.state = CheckState::kObstacle;
        check.found = "it is traced by " + describe(target.tracer, facts.tracer_name);
        check.fix = "kill -INT " + std::to_string(target.tracer) +
                    "\n# or, without tracing: " + attach_command(facts) + " --read-only";
    } else if (target.state == 't') {
        check.state = CheckState::kObstacle;
        check.found = "it is traced from another pid namespace";
        check.fix = "# end the debugger on the host or in the other container first";
    }
    return check;
}

// The kernel's verdict; the label where nothing else explains a refusal.
Check check_label(const AttachFacts& facts, bool is_explained) {
    const auto name = [](const std::string& label) { return label.empty() ? std::string("none") : label; };
    Check check{.id = "security_label",
                .state = CheckState::kOk,
                .found = "of the process: " + name(facts.security_label) +
                         "; of corotrace: " + name(facts.own_security_label),
                .why = "AppArmor and SELinux may forbid tracing whatever the rights are",
                .fix = ""};
    if (facts.access_error == 0 || is_explained) return check;
    check.state = CheckState::kObstacle;
    check.fix = fix_label(facts);
    return check;
}

Check check_verdict(const AttachFacts& facts) {
    Check check{.id = "access",
                .state = CheckState::kOk,
                .found = "the kernel gives access to its memory",
                .why = "opening /proc/PID/mem makes the check that attaching makes",
                .fix = ""};
    if (facts.access_error == 0) return check;
    check.state = CheckState::kObstacle;
    check.found =
        "the kernel refuses access to its memory: " + std::string(std::strerror(facts.access_error));
    check.fix = fix_capability(facts);
    return check;
}

Check check_place(const HostFacts& host) {
    Check check{.id = "place",
                .state = CheckState::kOk,
                .found = "no container, pod or service by its control group",
                .why = "files are read through the root of the process, and its pid differs inside",
                .fix = ""};
    if (!host.target_cgroup) return check;
    const Cgroup& group = *host.target_cgroup;
    std::string text;
    if (group.pod) text += "pod " + *group.pod;
    if (group.container)
        text += (text.empty() ? "" : ", ") + group.runtime.value_or("container") + " " + *group.container;
    if (text.empty() && group.unit) text = *group.unit;
    if (!text.empty()) check.found = printable(text);
    return check;
}

bool is_obstacle(const Check& check) {
    return check.state == CheckState::kObstacle;
}

}  // namespace

std::vector<Check> check_access(const AttachFacts& facts, const HostFacts& host) {
    std::vector<Check> checks{check_process(facts), check_hidepid(facts, host)};
    if (!facts.target || is_obstacle(checks.front())) return checks;
    checks.push_back(check_user(facts));
    checks.push_back(check_user_namespace(facts, host));
    checks.push_back(check_dumpable(facts));
    checks.push_back(check_target_capabilities(facts));
    const bool yama_forbids = facts.yama_scope.value_or(0) >= (is_capable(facts) ? 3 : 1);
    checks.push_back(
        check_label(facts, yama_forbids || std::any_of(checks.begin(), checks.end(), is_obstacle)));
    checks.push_back(check_tracer(facts));
    checks.push_back(check_verdict(facts));
    checks.push_back(check_place(host));
    checks.push_back(check_quota(host.target_quota, "target_cpu_quota",
                                 "a process that is throttled looks slow, whoever looks at it", ""));
    return checks;
}

}  // namespace corotrace
