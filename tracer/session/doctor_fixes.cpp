// SPDX-License-Identifier: MIT
// The remedies of doctor_parts.hpp, one for each place where corotrace may run.
#include "tracer/session/doctor_parts.hpp"

namespace corotrace {

namespace {

const char* engine_of(const AttachFacts& facts) {
    return facts.container == Container::kPodman ? "podman" : "docker";
}

std::string run_container(const AttachFacts& facts, const std::string& options) {
    return std::string(engine_of(facts)) + " run -it --user=0 " + options + " --pid=container:NAME IMAGE " +
           attach_command(facts);
}

std::string debug_pod(const AttachFacts& facts) {
    return "kubectl debug -it POD --image=IMAGE --target=CONTAINER --profile=general -- " +
           attach_command(facts);
}

}  // namespace

std::string attach_command(const AttachFacts& facts) {
    return "corotrace attach --pid " + (facts.pid == 0 ? "PID" : std::to_string(facts.pid));
}

bool is_capable(const AttachFacts& facts) {
    return facts.self.effective.contains(kCapSysPtrace);
}

std::string fix_capability(const AttachFacts& facts) {
    if (facts.self.bounding.contains(kCapSysPtrace) && facts.self.uids[1] != 0 &&
        facts.container == Container::kNone)
        return "sudo " + attach_command(facts);
    switch (facts.container) {
        case Container::kKubernetes:
            return debug_pod(facts) +
                   "\n"
                   "# or in the pod, for a sidecar:\n"
                   "spec:\n"
                   "  shareProcessNamespace: true\n"
                   "  containers:\n"
                   "    - name: corotrace\n"
                   "      securityContext:\n"
                   "        runAsUser: 0\n"
                   "        capabilities:\n"
                   "          add: [SYS_PTRACE]";
        case Container::kDocker:
        case Container::kPodman:
            return run_container(facts, "--cap-add=SYS_PTRACE");
        case Container::kNone:
            break;
    }
    return "# where a systemd unit starts it: systemctl edit UNIT\n"
           "[Service]\n"
           "CapabilityBoundingSet=CAP_SYS_PTRACE\n"
           "AmbientCapabilities=CAP_SYS_PTRACE";
}

std::string fix_seccomp(const AttachFacts& facts) {
    switch (facts.container) {
        case Container::kKubernetes:
            return "securityContext:\n"
                   "  seccompProfile:\n"
                   "    type: Unconfined\n"
                   "  capabilities:\n"
                   "    add: [SYS_PTRACE]";
        case Container::kDocker:
        case Container::kPodman:
            return run_container(facts, "--cap-add=SYS_PTRACE --security-opt seccomp=unconfined");
        case Container::kNone:
            break;
    }
    return "# where a systemd unit starts it: systemctl edit UNIT\n"
           "[Service]\n"
           "SystemCallFilter=@system-service @debug";
}

std::string fix_label(const AttachFacts& facts) {
    switch (facts.container) {
        case Container::kKubernetes:
            return "securityContext:\n"
                   "  appArmorProfile:\n"
                   "    type: Unconfined";
        case Container::kDocker:
        case Container::kPodman:
            return run_container(facts, "--cap-add=SYS_PTRACE --security-opt apparmor=unconfined");
        case Container::kNone:
            break;
    }
    return "dmesg | grep -i denied   # which rule it was; then allow ptrace in that profile";
}

std::string fix_quota(const AttachFacts& facts) {
    switch (facts.container) {
        case Container::kKubernetes:
            return "resources:\n"
                   "  limits:\n"
                   "    cpu: 500m";
        case Container::kDocker:
        case Container::kPodman:
            return std::string(engine_of(facts)) + " update --cpus=0.5 CONTAINER";
        case Container::kNone:
            break;
    }
    return "systemctl set-property UNIT CPUQuota=50%";
}

std::string fix_namespace(const AttachFacts& facts) {
    switch (facts.container) {
        case Container::kKubernetes:
            return debug_pod(facts) +
                   "\n"
                   "# or in the pod, for a sidecar:\n"
                   "spec:\n"
                   "  shareProcessNamespace: true";
        case Container::kDocker:
        case Container::kPodman:
            return run_container(facts, "--cap-add=SYS_PTRACE");
        case Container::kNone:
            break;
    }
    return "corotrace list";
}

}  // namespace corotrace
