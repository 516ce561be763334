// SPDX-License-Identifier: MIT
// Each reason why a process cannot be traced, judged from facts made up.
#include "tracer/process/attach_obstacle.hpp"

#include <cerrno>
#include <string>

#include "tests/support/catch.hpp"

namespace corotrace::process_attach_obstacle_test {

namespace {

constexpr std::uint64_t kAllCapabilities = 0x1ffffffffff;

// An ordinary user and a process of the same user that the kernel refuses.
AttachFacts refused_facts() {
    AttachFacts facts;
    facts.pid = 4711;
    facts.exists = true;
    ProcessStatus target;
    target.name = "python3";
    target.state = 'S';
    target.tgid = 4711;
    target.parent = 4700;
    target.uids = {1000, 1000, 1000, 1000};
    target.gids = {1000, 1000, 1000, 1000};
    target.threads = 1;
    facts.self = target;
    facts.self.tgid = 5000;
    facts.self.bounding.bits = kAllCapabilities;
    facts.target = target;
    facts.process_name = "python3";
    facts.parent_name = "bash";
    facts.is_64bit = true;
    facts.program = "/usr/bin/python3.11";
    facts.access_error = EACCES;
    return facts;
}

std::string message(const AttachFacts& facts) {
    const auto found = find_attach_obstacle(facts);
    return found ? found->what : "none";
}

AttachFacts with_capabilities(AttachFacts facts) {
    facts.self.uids = facts.self.gids = {0, 0, 0, 0};
    facts.self.permitted.bits = facts.self.effective.bits = kAllCapabilities;
    return facts;
}

}  // namespace

TEST_CASE("Yama's levels are told apart") {
    auto facts = refused_facts();
    facts.yama_scope = 1;
    CHECK(message(facts) ==
          "cannot attach to 4711: Yama ptrace_scope is 1 (a process may trace only its descendants) and "
          "corotrace "
          "has no CAP_SYS_PTRACE; run as root: sudo corotrace attach --pid 4711, or: sysctl "
          "kernel.yama.ptrace_scope=0");
    facts.yama_scope = 2;
    CHECK(
        message(facts) ==
        "cannot attach to 4711: Yama ptrace_scope is 2 (only CAP_SYS_PTRACE may trace) and corotrace has no "
        "CAP_SYS_PTRACE; run as root: sudo corotrace attach --pid 4711");
    facts = with_capabilities(facts);
    facts.yama_scope = 3;
    CHECK(message(facts) ==
          "cannot attach to 4711: Yama ptrace_scope is 3, which forbids tracing to everybody, root too, and "
          "cannot "
          "be changed while the kernel runs; set kernel.yama.ptrace_scope=1 in /etc/sysctl.d and reboot");
    CHECK(find_attach_obstacle(facts)->code == Errc::denied);
    // The kernel has the last word: a descendant, or a process that called PR_SET_PTRACER, is open all the
    // same.
    facts.access_error = 0;
    CHECK(message(facts) == "none");
}

TEST_CASE("the right that is missing is named") {
    auto facts = refused_facts();
    facts.target->uids = {33, 33, 33, 33};
    facts.yama_scope = 1;  // another user matters first: changing Yama would not help
    CHECK(message(facts).find("cannot attach to 4711: it runs as user 33") == 0);
    CHECK(message(facts).find("and corotrace as 1000") != std::string::npos);
    CHECK(message(facts).find(
              ", and corotrace has no CAP_SYS_PTRACE; run as root: sudo corotrace attach --pid 4711") !=
          std::string::npos);
    CHECK(message(facts).find("Yama") == std::string::npos);

    facts = refused_facts();
    facts.target->gids[2] = 4;
    CHECK(message(facts).find("it runs with group 1000") != std::string::npos);

    facts = refused_facts();
    facts.is_dumpable = false;
    CHECK(
        message(facts) ==
        "cannot attach to 4711: the process is not dumpable (it changed its user, has file capabilities, or "
        "called "
        "prctl(PR_SET_DUMPABLE, 0)), and corotrace has no CAP_SYS_PTRACE; run as root: sudo corotrace attach "
        "--pid 4711");

    facts = refused_facts();
    facts.target->permitted.bits = 1 << 10;
    CHECK(message(facts).find("the process has capabilities that corotrace has not, and corotrace has no "
                              "CAP_SYS_PTRACE; run as root") != std::string::npos);
}

TEST_CASE("in a container the advice is the container's") {
    auto facts = refused_facts();
    facts.target->uids = {999, 999, 999, 999};
    facts.self.uids = facts.self.gids = {0, 0, 0, 0};
    facts.container = Container::kDocker;
    CHECK(message(facts).find(
              "and corotrace runs as root, but without CAP_SYS_PTRACE; start its container by: docker "
              "run -it --user=0 --cap-add=SYS_PTRACE --pid=container:NAME IMAGE corotrace attach "
              "--pid 4711") != std::string::npos);
    facts.container = Container::kPodman;
    CHECK(message(facts).find("podman run -it") != std::string::npos);
    facts.container = Container::kKubernetes;
    CHECK(message(facts).find(
              "kubectl debug -it POD --image=IMAGE --target=CONTAINER --profile=general -- corotrace "
              "attach --pid 4711") != std::string::npos);
    CHECK(message(facts).find("shareProcessNamespace: true") != std::string::npos);

    // The capability was added, but reaches user 0 only.
    facts.self.uids = facts.self.gids = {1000, 1000, 1000, 1000};
    facts.self.bounding.bits = kAllCapabilities;
    CHECK(message(facts).find("run as root (user 0 of this container): corotrace attach --pid 4711") !=
          std::string::npos);
    facts.container = Container::kNone;
    facts.self.bounding.bits = 0;
    CHECK(message(facts).find("start it where CAP_SYS_PTRACE is not taken away") != std::string::npos);

    facts.container = Container::kKubernetes;
    facts.target = std::nullopt;
    facts.exists = false;
    CHECK(message(facts).find("no such process (in a container only its own processes are seen") !=
          std::string::npos);
}

TEST_CASE("a refusal in spite of all capabilities is a namespace or a security module") {
    auto facts = with_capabilities(refused_facts());
    facts.in_user_namespace = true;
    CHECK(message(facts).find("corotrace runs in a user namespace of its own (a rootless container?)") !=
          std::string::npos);
    facts.in_user_namespace = false;
    facts.security_label = "docker-default (enforce)";
    CHECK(message(facts).find("a security module forbids it (security label of the process: docker-default "
                              "(enforce), of corotrace: none)") != std::string::npos);
}

TEST_CASE("a refusal of ptrace alone is seccomp, a hidden tracer or a security module") {
    auto facts = refused_facts();
    facts.access_error = 0;
    CHECK(find_attach_obstacle(facts) == std::nullopt);

    auto error = explain_attach_failure(facts, EPERM);
    CHECK(error.code == Errc::denied);
    CHECK(error.os_error == EPERM);
    CHECK(error.what.find(
              "it may be traced from another pid namespace, or a security module forbids it; look for "
              "a debugger") != std::string::npos);

    facts.self.seccomp = 2;
    facts.self.bounding.bits = 0;
    facts.container = Container::kDocker;
    error = explain_attach_failure(facts, EPERM);
    CHECK(error.what.find(
              "corotrace runs under a seccomp filter, most likely its container's; start its container "
              "by: docker run -it --user=0 --cap-add=SYS_PTRACE") != std::string::npos);

    // What can be seen comes before.
    facts.target->tracer = 99;
    facts.tracer_name = "gdb";
    CHECK(explain_attach_failure(facts, EPERM).what.find("already traced by 99 (gdb)") != std::string::npos);
    CHECK(explain_attach_failure(facts, EPERM).os_error == EPERM);

    CHECK(explain_attach_failure(facts, ESRCH).code == Errc::gone);
    CHECK(explain_attach_failure(refused_facts(), EIO).code == Errc::denied);
}

TEST_CASE("who only reads is kept out by no tracer, but by everything else") {
    auto facts = refused_facts();
    facts.access_error = 0;
    facts.target->tracer = 99;
    CHECK(message(facts).find("already traced by 99") != std::string::npos);
    facts.will_trace = false;
    CHECK_FALSE(find_attach_obstacle(facts));
    facts.target->tracer = 0;
    facts.target->state = 't';
    CHECK_FALSE(find_attach_obstacle(facts));
    facts.access_error = EPERM;
    CHECK(find_attach_obstacle(facts));
}

TEST_CASE("a tracer in another pid namespace shows by the state only") {
    auto facts = refused_facts();
    facts.target->state = 't';
    CHECK(message(facts).find("traced by a process in another pid namespace") != std::string::npos);
}

TEST_CASE("/proc of another pid namespace is refused before anything else") {
    auto facts = refused_facts();
    facts.proc_is_ours = false;
    CHECK(find_attach_obstacle(facts)->code == Errc::denied);
    CHECK(message(facts).find("mount -t proc proc /proc") != std::string::npos);
}

TEST_CASE("a 32-bit program is refused by name") {
    auto facts = refused_facts();
    facts.access_error = 0;
    facts.is_64bit = false;
    CHECK(message(facts) ==
          "cannot attach to 4711: /usr/bin/python3.11 is a 32-bit program, and corotrace knows the 64-bit "
          "layouts of "
          "CPython only; run the service with a 64-bit Python");
}

}  // namespace corotrace::process_attach_obstacle_test
