// SPDX-License-Identifier: MIT
#include "tracer/process/cgroup.hpp"

#include <algorithm>
#include <vector>

#include "tracer/process/text_file.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kIdDigits = 64;

bool is_hex(std::string_view text) {
    return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string_view without(std::string_view text, std::string_view suffix) {
    return text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text;
}

struct Prefix {
    std::string_view text;
    std::string_view runtime;
};

// With systemd's driver the name of a scope, else the name of a folder that holds the id alone.
constexpr Prefix kScopes[] = {{"docker-", "docker"},
                              {"cri-containerd-", "containerd"},
                              {"nerdctl-", "containerd"},
                              {"crio-", "cri-o"},
                              {"libpod-", "podman"}};
// Below Kubernetes' folders the id stands alone and tells no runtime.
constexpr Prefix kFolders[] = {{"docker", "docker"}, {"libpod_parent", "podman"}};
constexpr Prefix kNames[] = {{"lxc.payload.", "lxc"}, {"machine-", "nspawn"}};

void read_container(const std::vector<std::string_view>& parts, std::size_t at, Cgroup& into) {
    const std::string_view part = without(parts[at], ".scope");
    if (part.size() >= kIdDigits && is_hex(part.substr(part.size() - kIdDigits))) {
        const auto prefix = part.substr(0, part.size() - kIdDigits);
        into.container = std::string(part.substr(part.size() - kIdDigits));
        into.runtime.reset();
        for (const Prefix& scope : kScopes)
            if (scope.text == prefix) into.runtime = std::string(scope.runtime);
        for (const Prefix& folder : kFolders) {
            if (prefix.empty() && at > 0 && parts[at - 1] == folder.text)
                into.runtime = std::string(folder.runtime);
        }
        return;
    }
    if (into.container) return;
    for (const Prefix& name : kNames) {
        if (!part.starts_with(name.text) || part.size() == name.text.size()) continue;
        if (name.runtime == "nspawn" && !parts[at].ends_with(".scope")) continue;
        into.container = std::string(part.substr(name.text.size()));
        into.runtime = std::string(name.runtime);
    }
    if (at > 0 && parts[at - 1] == "lxc" && !part.empty()) {
        into.container = std::string(part);
        into.runtime = "lxc";
    }
}

// "pod0f3c..", "kubepods-burstable-pod0f3c_...slice": 36 characters, hyphens written as underscores by
// systemd.
std::optional<std::string> find_pod(std::string_view part) {
    constexpr std::size_t kUidSize = 36;
    part = without(part, ".slice");
    const auto at = part.rfind("pod");
    if (at == std::string_view::npos || (at != 0 && part[at - 1] != '-')) return std::nullopt;
    std::string uid(part.substr(at + 3));
    std::replace(uid.begin(), uid.end(), '_', '-');
    // A static pod has a hash of 32 digits instead (Kubernetes, pkg/kubelet/config/common.go).
    const bool is_hash = uid.size() == 32 && is_hex(uid);
    const bool is_uid = uid.size() == kUidSize && uid[8] == '-' && uid[13] == '-';
    if (!is_hash && !is_uid) return std::nullopt;
    return uid;
}

std::string read_of(pid_t pid, const char* file) {
    return read_text_file("/proc/" + std::to_string(pid) + "/" + file).value_or("");
}

}  // namespace

Cgroup parse_cgroup(std::string_view text, std::string_view cpuset) {
    Cgroup found;
    for (const std::string_view line : split_text(text, '\n')) {
        const auto id_end = line.find(':');
        const auto path_at = id_end == std::string_view::npos ? id_end : line.find(':', id_end + 1);
        if (path_at == std::string_view::npos) continue;
        const std::string_view path = line.substr(path_at + 1);
        if (path.size() > found.path.size()) found.path = std::string(path);
    }
    if (found.path.size() <= 1 && cpuset.size() > 1) found.path = std::string(without(cpuset, "\n"));
    const std::string path = found.path;
    const auto parts = split_text(path, '/');
    for (std::size_t i = 0; i < parts.size(); ++i) {
        read_container(parts, i, found);
        if (auto pod = find_pod(parts[i])) found.pod = std::move(pod);
        if (parts[i].ends_with(".service")) found.unit = std::string(parts[i]);
    }
    return found;
}

std::optional<Cgroup> read_cgroup(pid_t pid) {
    const std::string text = read_of(pid, "cgroup");
    if (text.empty()) return std::nullopt;
    return parse_cgroup(text, text.find(":/\n") == std::string::npos ? "" : read_of(pid, "cpuset"));
}

}  // namespace corotrace
