// SPDX-License-Identifier: MIT
#include "tracer/process/host_facts.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "symbols/unique_fd.hpp"
#include "tracer/process/ptrace_call.hpp"
#include "tracer/process/text_file.hpp"

namespace corotrace {

namespace {

// The value of "key=value" among words that end at any of `ends`.
std::optional<std::string> find_setting(std::string_view text, std::string_view key, std::string_view ends) {
    while (!text.empty()) {
        const auto size = std::min(text.find_first_of(ends), text.size());
        const std::string_view word = text.substr(0, size);
        if (word.starts_with(key) && word.size() > key.size() && word[key.size()] == '=')
            return std::string(word.substr(key.size() + 1));
        text.remove_prefix(std::min(size + 1, text.size()));
    }
    return std::nullopt;
}

struct Tried {
    PtraceCall outcome = PtraceCall::kPasses;
    int error = 0;
};

Tried judge(int error) {
    if (error == ESRCH) return {PtraceCall::kPasses, 0};
    return {PtraceCall::kRefused, error};
}

// A filter may end who calls what it forbids, so a child tries it. Nobody waits for the child: its end closes
// the pipe, and the kernel reaps it.
Tried try_ptrace_in_child() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return judge(find_ptrace_refusal());
    const UniqueFd from(ends[0]);
    UniqueFd into(ends[1]);
    auto* const before = ::signal(SIGCHLD, SIG_IGN);
    const pid_t child = ::fork();
    if (child == 0) {
        const int error = find_ptrace_refusal();
        const bool told = ::write(into.get(), &error, sizeof(error)) == sizeof(error);
        ::_exit(told ? 0 : 1);
    }
    into.reset();
    int error = 0;
    const bool told = child > 0 && ::read(from.get(), &error, sizeof(error)) == sizeof(error);
    ::signal(SIGCHLD, before);
    if (child < 0) return judge(find_ptrace_refusal());
    return told ? judge(error) : Tried{PtraceCall::kKilled, 0};
}

// On a page of our own that nobody may write.
bool can_write_read_only() {
    constexpr std::size_t kBytes = 1;  // the kernel maps a page
    void* const page = ::mmap(nullptr, kBytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return true;
    const UniqueFd memory(::open("/proc/self/mem", O_RDWR | O_CLOEXEC));
    const char byte = 1;
    const bool written =
        memory.is_open() &&
        ::pwrite(memory.get(), &byte, 1, static_cast<off_t>(reinterpret_cast<std::uintptr_t>(page))) == 1;
    ::munmap(page, kBytes);
    return written;
}

std::optional<bool> read_same_user_namespace(pid_t pid) {
    struct stat own {};
    struct stat other {};
    const std::string path = "/proc/" + std::to_string(pid) + "/ns/user";
    if (::stat("/proc/self/ns/user", &own) != 0 || ::stat(path.c_str(), &other) != 0) return std::nullopt;
    return own.st_ino == other.st_ino && own.st_dev == other.st_dev;
}

}  // namespace

std::optional<std::string> find_hidepid(std::string_view mounts) {
    std::optional<std::string> found;
    while (!mounts.empty()) {
        const std::string_view line = mounts.substr(0, mounts.find('\n'));
        mounts.remove_prefix(std::min(line.size() + 1, mounts.size()));
        const auto dash = line.find(" - proc ");
        if (dash == std::string_view::npos || line.substr(0, dash).find(" /proc ") == std::string_view::npos)
            continue;
        found = find_setting(line.substr(dash), "hidepid", " ,");
    }
    if (found == "0" || found == "off") return std::nullopt;
    return found;
}

std::optional<std::string> find_lockdown(std::string_view text) {
    const auto begin = text.find('[');
    const auto end = begin == std::string_view::npos ? begin : text.find(']', begin);
    if (end == std::string_view::npos) return std::nullopt;
    return std::string(text.substr(begin + 1, end - begin - 1));
}

HostFacts read_host_facts(pid_t pid, bool is_filtered) {
    HostFacts facts;
    facts.lockdown = find_lockdown(read_text_file("/sys/kernel/security/lockdown").value_or(""));
    facts.hidepid = find_hidepid(read_text_file("/proc/self/mountinfo").value_or(""));
    const Tried tried = is_filtered ? try_ptrace_in_child() : judge(find_ptrace_refusal());
    facts.ptrace_call = tried.outcome;
    facts.ptrace_error = tried.error;
    facts.writes_read_only = can_write_read_only();
    facts.force_override =
        find_setting(read_text_file("/proc/cmdline").value_or(""), "proc_mem.force_override", " \n");
    facts.quota = read_cpu_quota(::getpid());
    facts.cgroup = read_cgroup(::getpid());
    if (pid == 0) return facts;
    facts.same_user_namespace = read_same_user_namespace(pid);
    facts.target_quota = read_cpu_quota(pid);
    facts.target_cgroup = read_cgroup(pid);
    return facts;
}

}  // namespace corotrace
