// SPDX-License-Identifier: MIT
#include "tracer/process/attach_facts.hpp"

#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "symbols/escape.hpp"
#include "symbols/unique_fd.hpp"

namespace corotrace {

namespace {

// The beginning of a small file, or nothing.
std::optional<std::string> read_small_file(const std::string& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    char text[256];
    const ssize_t got = fd.is_open() ? ::read(fd.get(), text, sizeof(text)) : -1;
    if (got < 0) return std::nullopt;
    return std::string(text, static_cast<std::size_t>(got));
}

std::optional<int> read_yama_scope(const char* path) {
    const auto text = read_small_file(path);
    int scope = 0;
    if (!text || std::from_chars(text->data(), text->data() + text->size(), scope).ec != std::errc{}) {
        return std::nullopt;
    }
    return scope;
}

// "docker-default (enforce)" of AppArmor, "system_u:system_r:container_t:s0" of SELinux.
std::string read_security_label(const std::string& process) {
    auto label = read_small_file("/proc/" + process + "/attr/current").value_or("");
    while (!label.empty() && (label.back() == '\n' || label.back() == '\0')) label.pop_back();
    return printable(label);
}

std::string name_of(pid_t pid) {
    return pid > 0 ? printable(read_comm(pid).value_or("")) : "";
}

std::optional<bool> read_is_64bit(pid_t pid) {
    const auto start = read_small_file("/proc/" + std::to_string(pid) + "/exe");
    if (!start || start->size() <= EI_CLASS || std::memcmp(start->data(), ELFMAG, SELFMAG) != 0) {
        return std::nullopt;
    }
    return (*start)[EI_CLASS] == ELFCLASS64;
}

int try_access(pid_t pid) {
    const std::string path = "/proc/" + std::to_string(pid) + "/mem";
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    return fd.is_open() ? 0 : errno;
}

// The files (not the folder) of a process that is not dumpable belong to root instead of to its user
// (Linux fs/proc/base.c task_dump_owner). For a process of root that shows nothing.
bool read_is_dumpable(pid_t pid, const ProcessStatus& status) {
    struct stat info {};
    const std::string path = "/proc/" + std::to_string(pid) + "/status";
    if (status.uids[1] == 0 || ::stat(path.c_str(), &info) != 0) return true;
    return info.st_uid == status.uids[1];
}

// The initial user namespace has a fixed inode (Linux include/linux/proc_ns.h PROC_USER_INIT_INO).
bool is_in_user_namespace() {
    constexpr ino_t kInitialUserNamespace = 0xEFFFFFFD;
    struct stat info {};
    return ::stat("/proc/self/ns/user", &info) == 0 && info.st_ino != kInitialUserNamespace;
}

// Under cgroup v2 /proc/self/cgroup says nothing inside a container; these marks are what is left.
Container find_container() {
    if (std::getenv("KUBERNETES_SERVICE_HOST") != nullptr) return Container::kKubernetes;
    if (::access("/run/.containerenv", F_OK) == 0) return Container::kPodman;
    if (::access("/.dockerenv", F_OK) == 0) return Container::kDocker;
    return Container::kNone;
}

void read_target_facts(AttachFacts& facts) {
    auto status = read_process_status(facts.pid);
    // Asked second: a process that ends between the two questions is gone, not hidden.
    facts.exists = facts.pid > 0 && (::kill(facts.pid, 0) == 0 || errno == EPERM);
    if (!status) return;
    facts.process_name = name_of(status->tgid);
    facts.parent_name = name_of(status->parent);
    // What traces is a thread; to end it one needs its process.
    if (const auto tracer = read_process_status(status->tracer)) status->tracer = tracer->tgid;
    facts.tracer_name = name_of(status->tracer);
    const auto stat = read_process_stat(facts.pid);
    facts.is_kernel_thread = stat && stat->is_kernel_thread;
    facts.is_dumpable = read_is_dumpable(facts.pid, *status);
    facts.is_64bit = read_is_64bit(facts.pid);
    facts.program = printable(read_exe(facts.pid).value_or(""));
    facts.security_label = read_security_label(std::to_string(facts.pid));
    facts.access_error = try_access(facts.pid);
    facts.target = std::move(status).value();
}

}  // namespace

Result<AttachFacts> read_attach_facts(pid_t pid, const char* yama_scope_path) {
    if (::access("/proc/uptime", F_OK) != 0) {
        return Error{Errc::denied, errno, "/proc is not mounted; run: mount -t proc proc /proc"};
    }
    AttachFacts facts;
    facts.pid = pid;
    char own_link[32];
    const ssize_t link_size = ::readlink("/proc/self", own_link, sizeof(own_link));
    const std::string_view own_name(own_link, link_size < 0 ? 0 : static_cast<std::size_t>(link_size));
    facts.proc_is_ours = own_name == std::to_string(::getpid());
    if (!facts.proc_is_ours) return facts;

    CT_TRY(facts.self, read_process_status(::getpid()));
    facts.own_security_label = read_security_label("self");
    facts.in_user_namespace = is_in_user_namespace();
    facts.container = find_container();
    facts.yama_scope = read_yama_scope(yama_scope_path);
    read_target_facts(facts);
    return facts;
}

}  // namespace corotrace
