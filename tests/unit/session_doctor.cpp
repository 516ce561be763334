// SPDX-License-Identifier: MIT
// Checks of doctor that cannot be made real on every machine, judged from facts made up.
#include "tracer/session/doctor.hpp"

#include <cerrno>
#include <string>

#include "tests/support/catch.hpp"
#include "tracer/report/check_report.hpp"

namespace corotrace::session_doctor_test {

namespace {

constexpr std::uint64_t kAllCapabilities = 0x1ffffffffff;

// An ordinary user and a process of the same user, which the kernel lets it trace.
AttachFacts make_facts() {
    AttachFacts facts;
    facts.pid = 4711;
    facts.exists = true;
    ProcessStatus status;
    status.name = "python3";
    status.state = 'S';
    status.tgid = 4711;
    status.uids = status.gids = {1000, 1000, 1000, 1000};
    status.threads = 1;
    status.no_new_privs = false;
    facts.target = status;
    facts.process_name = "python3";
    facts.is_64bit = true;
    facts.program = "/usr/bin/python3.11";
    status.tgid = 5000;
    status.bounding.bits = kAllCapabilities;
    facts.self = status;
    return facts;
}

AttachFacts refused(AttachFacts facts) {
    facts.access_error = EACCES;
    return facts;
}

Check find(const std::vector<Check>& checks, const std::string& id) {
    for (const Check& check : checks)
        if (check.id == id) return check;
    FAIL("no check " + id);
    return {};
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST_CASE("doctor: Yama hinders where the kernel refuses and no capability makes up for it") {
    auto facts = refused(make_facts());
    facts.yama_scope = 1;
    const Check ancestors = find(check_host(facts, {}), "yama");
    CHECK((ancestors.state == CheckState::kObstacle));
    CHECK(has(ancestors.fix, "sysctl kernel.yama.ptrace_scope=0"));
    CHECK(has(ancestors.fix, "sudo corotrace attach --pid 4711"));

    facts.yama_scope = 2;
    CHECK_FALSE(has(find(check_host(facts, {}), "yama").fix, "sysctl"));
    facts.self.effective.bits = kAllCapabilities;
    CHECK((find(check_host(facts, {}), "yama").state == CheckState::kOk));
    facts.yama_scope = 3;
    const Check nobody = find(check_host(facts, {}), "yama");
    CHECK((nobody.state == CheckState::kObstacle));
    CHECK(has(nobody.fix, "reboot"));
    // A descendant is open whatever the scope is.
    facts = make_facts();
    facts.yama_scope = 1;
    CHECK((find(check_host(facts, {}), "yama").state == CheckState::kOk));
}

TEST_CASE("doctor: without a process, not to be able to trace those of others hinders") {
    AttachFacts facts = make_facts();
    facts.pid = 0;
    facts.target.reset();
    CHECK((find(check_host(facts, {}), "capability").state == CheckState::kOk));
    facts.yama_scope = 1;
    CHECK((find(check_host(facts, {}), "capability").state == CheckState::kObstacle));
}

TEST_CASE("doctor: the remedy is that of the place where corotrace runs") {
    auto facts = refused(make_facts());
    facts.self.uids = facts.self.gids = {0, 0, 0, 0};
    facts.self.bounding.bits = 0;
    facts.container = Container::kKubernetes;
    const std::string pod = find(check_host(facts, {}), "capability").fix;
    CHECK(has(pod,
              "kubectl debug -it POD --image=IMAGE --target=CONTAINER --profile=general -- corotrace attach "
              "--pid 4711"));
    CHECK(has(pod, "\n          add: [SYS_PTRACE]"));
    facts.container = Container::kDocker;
    CHECK(has(find(check_host(facts, {}), "capability").fix, "docker run -it --user=0 --cap-add=SYS_PTRACE"));
    facts.container = Container::kPodman;
    CHECK(has(find(check_host(facts, {}), "capability").fix, "podman run"));
    facts.container = Container::kNone;
    CHECK(has(find(check_host(facts, {}), "capability").fix, "CapabilityBoundingSet=CAP_SYS_PTRACE"));
}

TEST_CASE("doctor: a security module is named where nothing else explains a refusal") {
    auto facts = refused(make_facts());
    facts.security_label = "docker-default (enforce)";
    const Check label = find(check_access(facts, {}), "security_label");
    CHECK((label.state == CheckState::kObstacle));
    CHECK(has(label.found, "docker-default (enforce)"));
    facts.is_dumpable = false;
    CHECK((find(check_access(facts, {}), "security_label").state == CheckState::kOk));
    CHECK((find(check_access(facts, {}), "dumpable").state == CheckState::kObstacle));
}

TEST_CASE("doctor: a tracer that cannot be seen is told by the state of the process") {
    auto facts = make_facts();
    facts.target->state = 't';
    const Check check = find(check_access(facts, {}), "tracer");
    CHECK((check.state == CheckState::kObstacle));
    CHECK(has(check.found, "another pid namespace"));
}

TEST_CASE("doctor: quotas below a fifth of a core make it weaker, and unknown ones are unknown") {
    HostFacts host;
    CHECK((find(check_host(make_facts(), host), "cpu_quota").state == CheckState::kUnknown));
    host.quota.emplace();
    CHECK((find(check_host(make_facts(), host), "cpu_quota").state == CheckState::kOk));
    host.quota = CpuQuota{.cores = 0.05, .periods = 100, .throttled = 93};
    const Check check = find(check_host(make_facts(), host), "cpu_quota");
    CHECK((check.state == CheckState::kWeaker));
    CHECK(has(check.found, "50m"));
    CHECK(has(check.found, "93 of 100"));
    CHECK(has(check.fix, "CPUQuota="));
}

TEST_CASE("doctor: mount options and lockdown as the kernel writes them") {
    CHECK((find_hidepid("21 26 0:20 / /proc rw,relatime - proc proc rw,gid=5,hidepid=invisible\n") ==
           "invisible"));
    CHECK((find_hidepid(
               "21 26 0:20 / /proc rw - proc proc rw,hidepid=2\n22 26 0:21 / /proc rw - proc proc rw\n") ==
           std::nullopt));
    CHECK((find_hidepid("21 26 0:20 / /x rw - proc proc rw,hidepid=2\n") == std::nullopt));
    CHECK((find_hidepid("21 26 0:20 / /proc rw - proc proc rw,hidepid=0\n") == std::nullopt));
    CHECK((find_lockdown("none [integrity] confidentiality\n") == "integrity"));
    CHECK((find_lockdown("") == std::nullopt));
}

TEST_CASE("doctor: both forms of the report") {
    Examination examination;
    examination.pid = 4711;
    examination.checks = {
        {.id = "proc", .state = CheckState::kOk, .found = "fine", .why = "reason", .fix = ""},
        {.id = "yama",
         .state = CheckState::kObstacle,
         .found = "scope 1",
         .why = "it limits",
         .fix = "one\ntwo"}};
    CHECK(format_checks_text(examination, Paint(false)) ==
          "ok        proc  fine\n"
          "obstacle  yama  scope 1\n"
          "                why  it limits\n"
          "                fix  one\n"
          "                     two\n"
          "\nnot usable: yama\n");
    const std::string lines = format_checks_jsonl(examination, 4);
    CHECK(has(lines, R"("id":"proc","state":"ok","found":"fine","why":"reason","fix":null})"));
    CHECK(has(lines, R"("fix":"one\ntwo"})"));
    CHECK(has(lines, R"("usable":false,"obstacles":["yama"],"next":null,"exit_status":4})"));
}

}  // namespace

}  // namespace corotrace::session_doctor_test
