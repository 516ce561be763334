// SPDX-License-Identifier: MIT
#include "tracer/session/process_list.hpp"

#include <fcntl.h>
#include <fnmatch.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "tracer/process/attach_obstacle.hpp"
#include "tracer/process/text_file.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMostMapsBytes = 4 << 20;

std::string_view base_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

// "python", "python3", "python3.11", "python3.13t", "python3.12-dbg", and what embeds it by custom.
bool is_python_name(std::string_view name) {
    return name.starts_with("python") || name.starts_with("uwsgi");
}

// The "3.11" of "python3.11/lib-dynload" and "libpython3.11.so".
std::optional<std::string> find_version(std::string_view text) {
    constexpr std::string_view kStart = "python3.";
    for (auto at = text.find(kStart); at != std::string_view::npos; at = text.find(kStart, at + 1)) {
        const std::string_view rest = text.substr(at + kStart.size());
        const auto digits = rest.substr(0, rest.find_first_not_of("0123456789"));
        if (!digits.empty() && digits.size() <= 3) return "3." + std::string(digits);
    }
    return std::nullopt;
}

std::string read_maps(pid_t pid) {
    return read_text_file("/proc/" + std::to_string(pid) + "/maps", kMostMapsBytes).value_or("");
}

// Files say it where they may be read, else the name that the process gives itself.
MappedPython find_python(pid_t pid, const std::string& program, const ListedProcess& process) {
    if (!program.empty()) {
        // Most processes of a machine are small and no Python: their maps cost less than any other sign.
        return find_mapped_python(program, read_maps(pid));
    }
    MappedPython found;
    const std::string first = process.command.empty() ? "" : process.command.front();
    found.is_python = is_python_name(process.name) || is_python_name(base_name(first));
    found.version = find_version(first);
    return found;
}

// The script or the module that Python was told to run; empty if it was neither.
std::string_view find_script(const std::vector<std::string>& command) {
    for (std::size_t i = 1; i < command.size(); ++i) {
        const std::string_view word = command[i];
        if (word == "-m") return i + 1 < command.size() ? std::string_view(command[i + 1]) : "";
        if (word == "-c") return "";
        if (word == "-X" || word == "-W") ++i;
        if (!word.starts_with("-")) return base_name(word);
    }
    return "";
}

bool matches_glob(std::string_view text, const std::string& glob) {
    return ::fnmatch(glob.c_str(), std::string(text).c_str(), 0) == 0;
}

bool matches_part(const std::string& text, const std::string& glob) {
    return matches_glob(text, "*" + glob + "*");
}

bool matches_name(const ListedProcess& process, const std::string& glob) {
    const std::string_view first = process.command.empty() ? "" : std::string_view(process.command.front());
    for (const std::string_view name : {std::string_view(process.name), base_name(process.program),
                                        base_name(first), find_script(process.command)})
        if (!name.empty() && matches_glob(name, glob)) return true;
    return false;
}

std::string join(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

std::optional<std::chrono::seconds> read_uptime(pid_t pid) {
    const auto stat = read_process_stat(pid);
    const long ticks = ::sysconf(_SC_CLK_TCK);
    timespec now{};
    if (!stat || ticks <= 0 || ::clock_gettime(CLOCK_BOOTTIME, &now) != 0) return std::nullopt;
    const auto started = static_cast<std::int64_t>(stat->start_ticks / static_cast<std::uint64_t>(ticks));
    return std::chrono::seconds(std::max<std::int64_t>(0, now.tv_sec - started));
}

}  // namespace

MappedPython find_mapped_python(std::string_view program, std::string_view maps) {
    MappedPython found;
    const std::string_view name = base_name(program);
    const bool has_library = maps.find("/libpython3") != std::string_view::npos;
    found.is_python = is_python_name(name) || has_library;
    if (!found.is_python) return found;
    found.version = find_version(name);
    if (!found.version) found.version = find_version(maps);
    // The slash or dot behind keeps "_asyncio_helpers" apart.
    if (maps.find("/uvloop/") != std::string_view::npos)
        found.event_loop = "uvloop";
    else if (maps.find("/_asyncio.") != std::string_view::npos)
        found.event_loop = "asyncio";
    return found;
}

std::optional<ListedProcess> read_python_process(pid_t pid, UserNames& users) {
    ListedProcess process;
    process.pid = pid;
    auto program = read_exe(pid);
    if (!program && program.error().code != Errc::denied) return std::nullopt;
    process.program = program.value_or("");
    if (process.program.empty()) {
        process.name = read_comm(pid).value_or("");
        process.command = read_cmdline(pid).value_or({});
    }
    MappedPython python = find_python(pid, process.program, process);
    if (!python.is_python) return std::nullopt;
    const auto facts = read_attach_facts(pid);
    if (!facts || !facts->target) return std::nullopt;
    const ProcessStatus& status = *facts->target;
    process.name = status.name;
    process.command = read_cmdline(pid).value_or({});
    if (!status.namespace_pids.empty()) process.own_pid = status.namespace_pids.back();
    process.uid = status.uids[1];
    process.user = users.find(process.uid);
    process.version = std::move(python.version);
    process.event_loop = std::move(python.event_loop);
    process.threads = status.threads;
    process.uptime = read_uptime(pid);
    if (status.tracer != 0) process.tracer = status.tracer;
    process.tracer_name = facts->tracer_name;
    process.cgroup = read_cgroup(pid);
    process.obstacle = find_attach_obstacle(*facts);
    return process;
}

bool matches(const ListedProcess& process, const ProcessFilter& filter) {
    if (filter.name && !matches_name(process, *filter.name)) return false;
    if (filter.command && !matches_part(join(process.command), *filter.command)) return false;
    if (filter.user && process.user != filter.user && std::to_string(process.uid) != *filter.user)
        return false;
    if (filter.cgroup && !(process.cgroup && matches_part(process.cgroup->path, *filter.cgroup)))
        return false;
    return true;
}

Result<std::vector<ListedProcess>> list_python_processes(const ProcessFilter& filter) {
    CT_TRY(auto pids, list_processes());
    std::sort(pids.begin(), pids.end());
    UserNames users;
    std::vector<ListedProcess> found;
    for (const pid_t pid : pids) {
        if (pid == ::getpid()) continue;
        auto process = read_python_process(pid, users);
        if (process && matches(*process, filter)) found.push_back(std::move(*process));
    }
    return found;
}

}  // namespace corotrace
