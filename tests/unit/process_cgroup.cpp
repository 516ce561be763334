// SPDX-License-Identifier: MIT
#include "tracer/process/cgroup.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "tracer/process/users.hpp"

namespace corotrace::process_cgroup_test {

namespace {

const std::string kId = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const std::string kPod = "0f3c8a52-1b7d-4c63-9e0a-5d2f71b6c984";

struct Case {
    std::string path;
    std::optional<std::string> runtime;
    std::optional<std::string> container;
    std::optional<std::string> pod;
};

TEST_CASE("each runtime's path tells its container and pod") {
    std::string underscored = kPod;
    for (char& c : underscored)
        if (c == '-') c = '_';
    const Case cases[] = {
        {"/docker/" + kId, "docker", kId, std::nullopt},
        {"/system.slice/docker-" + kId + ".scope", "docker", kId, std::nullopt},
        {"/machine.slice/libpod-" + kId + ".scope", "podman", kId, std::nullopt},
        {"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + underscored +
             ".slice/cri-containerd-" + kId + ".scope",
         "containerd", kId, kPod},
        {"/kubepods.slice/kubepods-pod" + underscored + ".slice/crio-" + kId + ".scope", "cri-o", kId, kPod},
        {"/kubepods/besteffort/pod" + kPod + "/" + kId, std::nullopt, kId, kPod},
        {"/lxc/web/init.scope", "lxc", "web", std::nullopt},
        {"/lxc.payload.web/system.slice", "lxc", "web", std::nullopt},
        {"/machine.slice/machine-web.scope", "nspawn", "web", std::nullopt},
        {"/user.slice/user-1000.slice/session-2.scope", std::nullopt, std::nullopt, std::nullopt},
        {"/docker/" + kId.substr(1), std::nullopt, std::nullopt, std::nullopt},
        {"/machine.slice", std::nullopt, std::nullopt, std::nullopt},
        {"/podium/pods", std::nullopt, std::nullopt, std::nullopt},
    };
    for (const Case& expected : cases) {
        INFO(expected.path);
        for (const std::string& text :
             {"0::" + expected.path + "\n", "12:cpu,cpuacct:" + expected.path + "\n1:name=systemd:/\n"}) {
            const Cgroup cgroup = parse_cgroup(text);
            CHECK(cgroup.path == expected.path);
            CHECK((cgroup.runtime == expected.runtime));
            CHECK((cgroup.container == expected.container));
            CHECK((cgroup.pod == expected.pod));
        }
    }
}

TEST_CASE("cpuset tells where the control group has only the root") {
    CHECK((parse_cgroup("0::/\n", "/docker/" + kId + "\n").container == kId));
    CHECK_FALSE(parse_cgroup("0::/\n", "/\n").container);
    CHECK((parse_cgroup("0::/docker/" + kId + "\n", "/other\n").container == kId));
}

TEST_CASE("a service is named, and nonsense tells nothing") {
    CHECK((parse_cgroup("0::/system.slice/web.service\n").unit == "web.service"));
    for (const char* text : {"", "\n", ":", "::", "0:x", "garbage\n:::::\n"}) {
        const Cgroup cgroup = parse_cgroup(text);
        CHECK_FALSE(cgroup.container);
        CHECK_FALSE(cgroup.unit);
    }
}

TEST_CASE("users are found in a passwd file by number and by name") {
    const std::string passwd =
        "root:x:0:0:root:/root:/bin/sh\nbroken\n:x:5:5::/:\nweb:x:1001:1:::\nnan:x:q:1:::";
    CHECK((find_user_name(passwd, 0) == "root"));
    CHECK((find_user_name(passwd, 1001) == "web"));
    CHECK_FALSE(find_user_name(passwd, 5));
    CHECK_FALSE(find_user_name("", 0));
    CHECK((find_user_id(passwd, "web") == 1001U));
    CHECK_FALSE(find_user_id(passwd, "nan"));
}

}  // namespace

}  // namespace corotrace::process_cgroup_test
