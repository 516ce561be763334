// SPDX-License-Identifier: MIT
#include "tracer/session/doctor.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "tracer/process/attach_obstacle.hpp"
#include "tracer/session/doctor_parts.hpp"

namespace corotrace {

namespace {

Check check_proc(const std::string& trouble) {
    Check check{.id = "proc",
                .state = trouble.empty() ? CheckState::kOk : CheckState::kObstacle,
                .found = trouble.empty() ? "/proc shows the pid namespace that corotrace runs in" : trouble,
                .why = "a number must mean the same process to /proc and to the kernel",
                .fix = ""};
    if (!trouble.empty()) check.fix = "mount -t proc proc /proc";
    return check;
}

void append(std::vector<Check>& into, std::vector<Check> checks) {
    std::move(checks.begin(), checks.end(), std::back_inserter(into));
}

bool has_obstacle(const std::vector<Check>& checks) {
    return std::any_of(checks.begin(), checks.end(),
                       [](const Check& check) { return check.state == CheckState::kObstacle; });
}

void examine_target(Examined& examined, const AttachFacts& facts, const HostFacts& host) {
    std::vector<Check>& checks = examined.examination.checks;
    examined.examination.process = facts.process_name;
    append(checks, check_access(facts, host));
    if (const auto obstacle = find_attach_obstacle(facts)) examined.obstacle = obstacle->code;
    // Another tracer keeps nobody from reading.
    const bool has_access = facts.target && facts.access_error == 0 && !facts.is_kernel_thread &&
                            facts.target->tgid == facts.pid && facts.is_64bit != false;
    auto inside = check_inside(facts, has_access);
    append(checks, std::move(inside.checks));
    if (!examined.obstacle) examined.obstacle = inside.obstacle;
}

}  // namespace

Examined examine(std::optional<pid_t> pid) {
    Examined examined;
    Examination& examination = examined.examination;
    examination.pid = pid;
    const auto facts = read_attach_facts(pid.value_or(0));
    if (!facts || !facts->proc_is_ours) {
        examination.checks.push_back(
            check_proc(facts ? "/proc shows another pid namespace" : "/proc is not mounted"));
        examined.obstacle = Errc::denied;
        return examined;
    }
    const HostFacts host = read_host_facts(pid.value_or(0), facts->self.seccomp.value_or(0) != 0);
    examination.checks.push_back(check_proc(""));
    append(examination.checks, check_host(*facts, host));
    if (has_obstacle(examination.checks)) examined.obstacle = Errc::denied;
    if (pid) {
        std::optional<Errc> of_host = std::exchange(examined.obstacle, std::nullopt);
        examine_target(examined, *facts, host);
        if (!examined.obstacle) examined.obstacle = of_host;
    }
    if (!examined.obstacle) examination.next = pid ? attach_command(*facts) : "corotrace list";
    return examined;
}

}  // namespace corotrace
