// SPDX-License-Identifier: MIT
#include "tracer/process/procfs.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <concepts>
#include <csignal>
#include <memory>
#include <span>

#include "symbols/os_error.hpp"
#include "symbols/unique_fd.hpp"
#include "tracer/process/text_file.hpp"

namespace corotrace {

namespace {

// A status file with very many supplementary groups is the longest that we parse; a longer one is cut.
constexpr std::size_t kMaxFileBytes = 65536;

std::string process_path(pid_t pid, std::string_view file) {
    return "/proc/" + std::to_string(pid) + "/" + std::string(file);
}

std::string thread_path(pid_t pid, pid_t tid, std::string_view file) {
    return process_path(pid, "task/" + std::to_string(tid) + "/" + std::string(file));
}

Error proc_error(int error, const std::string& path) {
    return {errc_of(error), error, "reading " + path};
}

Result<std::string> read_file(const std::string& path) {
    return read_text_file(path, kMaxFileBytes);
}

template <std::integral T>
std::optional<T> parse_number(std::string_view text, int base = 10) {
    T value{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, base);
    if (error != std::errc{} || stop != end || text.empty()) return std::nullopt;
    return value;
}

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> words;
    constexpr std::string_view kBlanks = " \t\n";
    for (auto at = text.find_first_not_of(kBlanks); at != std::string_view::npos;) {
        const auto end = std::min(text.find_first_of(kBlanks, at), text.size());
        words.push_back(text.substr(at, end - at));
        at = text.find_first_not_of(kBlanks, end);
    }
    return words;
}

using Words = std::span<const std::string_view>;

template <std::integral T>
bool parse_word(Words words, std::size_t at, T& into, int base = 10) {
    if (at >= words.size()) return false;
    const auto value = parse_number<T>(words[at], base);
    if (value) into = *value;
    return value.has_value();
}

bool parse_ids(Words words, IdSet& into) {
    for (std::size_t i = 0; i < into.size(); ++i) {
        if (!parse_word(words, i, into[i])) return false;
    }
    return true;
}

bool parse_pids(Words words, std::vector<pid_t>& into) {
    into.resize(words.size());
    for (std::size_t i = 0; i < into.size(); ++i) {
        if (!parse_word(words, i, into[i])) return false;
    }
    return !into.empty();
}

// The kernel writes newline and backslash in a name as "\n" and "\\" (fs/proc/array.c, task_state).
std::string unescape_name(std::string_view text) {
    std::string name;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) {
            ++i;
            name += text[i] == 'n' ? '\n' : text[i];
        } else {
            name += text[i];
        }
    }
    return name;
}

// A line of a status file: its key, and how its words go into the struct (false: malformed).
struct StatusField {
    std::string_view key;
    bool (*parse)(Words words, ProcessStatus& into);
};

constexpr StatusField kStatusFields[] = {
    {"State",
     [](Words words, ProcessStatus& into) {
         into.state = words.empty() ? '?' : words[0][0];
         return !words.empty();
     }},
    {"Tgid", [](Words words, ProcessStatus& into) { return parse_word(words, 0, into.tgid); }},
    {"PPid", [](Words words, ProcessStatus& into) { return parse_word(words, 0, into.parent); }},
    {"TracerPid", [](Words words, ProcessStatus& into) { return parse_word(words, 0, into.tracer); }},
    {"Uid", [](Words words, ProcessStatus& into) { return parse_ids(words, into.uids); }},
    {"Gid", [](Words words, ProcessStatus& into) { return parse_ids(words, into.gids); }},
    {"Threads", [](Words words, ProcessStatus& into) { return parse_word(words, 0, into.threads); }},
    {"SigBlk", [](Words words, ProcessStatus& into) { return parse_word(words, 0, into.blocked.bits, 16); }},
    {"SigIgn", [](Words words, ProcessStatus& into) { return parse_word(words, 0, into.ignored.bits, 16); }},
    {"SigCgt", [](Words words, ProcessStatus& into) { return parse_word(words, 0, into.caught.bits, 16); }},
    {"CapPrm",
     [](Words words, ProcessStatus& into) { return parse_word(words, 0, into.permitted.bits, 16); }},
    {"CapEff",
     [](Words words, ProcessStatus& into) { return parse_word(words, 0, into.effective.bits, 16); }},
    {"CapBnd", [](Words words, ProcessStatus& into) { return parse_word(words, 0, into.bounding.bits, 16); }},
    // Optional from here on: CONFIG_PID_NS, CONFIG_SECCOMP.
    {"SigPnd", [](Words words, ProcessStatus& into) { return parse_word(words, 0, into.pending.bits, 16); }},
    {"NSpid", [](Words words, ProcessStatus& into) { return parse_pids(words, into.namespace_pids); }},
    {"Seccomp",
     [](Words words, ProcessStatus& into) { return parse_word(words, 0, into.seccomp.emplace()); }},
    {"Seccomp_filters",
     [](Words words, ProcessStatus& into) { return parse_word(words, 0, into.seccomp_filters.emplace()); }},
    {"NoNewPrivs",
     [](Words words, ProcessStatus& into) {
         unsigned value = 0;
         const bool is_number = parse_word(words, 0, value);
         into.no_new_privs = value != 0;
         return is_number;
     }},
};
constexpr std::uint32_t kNeededStatusFields = (1U << 13) - 1;

struct CloseDir {
    void operator()(DIR* dir) const { ::closedir(dir); }
};

// Names in `path` that are numbers, in the kernel's order.
Result<std::vector<pid_t>> list_ids(const std::string& path) {
    const std::unique_ptr<DIR, CloseDir> dir(::opendir(path.c_str()));
    if (!dir) return proc_error(errno, path);
    std::vector<pid_t> ids;
    while (true) {
        errno = 0;
        const dirent* entry = ::readdir(dir.get());
        if (entry == nullptr) break;
        if (const auto id = parse_number<pid_t>(entry->d_name)) ids.push_back(*id);
    }
    if (errno != 0) return proc_error(errno, path);
    return ids;
}

// The file at `path` through one of the parsers below.
template <typename T>
Result<T> read_parsed(const std::string& path, Result<T> (*parse)(std::string_view)) {
    CT_TRY(const auto text, read_file(path));
    auto parsed = parse(text);
    if (!parsed) return std::move(parsed).error().in(path);
    return parsed;
}

Result<std::string> read_name(const std::string& path) {
    CT_TRY(auto name, read_file(path));
    if (name.ends_with('\n')) name.pop_back();
    return name;
}

}  // namespace

Result<ProcessStatus> parse_status(std::string_view text) {
    ProcessStatus status;
    std::uint32_t seen = 0;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const auto key = line.substr(0, line.find(':'));
        const auto value = line.substr(std::min(key.size() + 1, line.size()));
        if (key == "Name") status.name = unescape_name(value.substr(std::min<std::size_t>(1, value.size())));
        for (std::size_t i = 0; i < std::size(kStatusFields); ++i) {
            if (key != kStatusFields[i].key) continue;
            if (!kStatusFields[i].parse(split(value), status)) {
                return Error{Errc::malformed, 0, "line " + std::string(line.substr(0, 80))};
            }
            seen |= 1U << i;
        }
    }
    if ((seen & kNeededStatusFields) != kNeededStatusFields) {
        return Error{Errc::malformed, 0, "not all lines of a status file"};
    }
    return status;
}

Result<ProcessStat> parse_stat(std::string_view text) {
    const Error malformed{Errc::malformed, 0, "stat line " + std::string(text.substr(0, 80))};
    const auto name_end = text.rfind(')');
    if (name_end == std::string_view::npos) return malformed;
    const auto words = split(text.substr(name_end + 1));
    const auto field = [&](std::size_t number, auto& into) { return parse_word(words, number - 3, into); };

    ProcessStat stat;
    std::uint32_t flags = 0;
    std::uint64_t start_brk = 0;
    // Field numbers of proc_pid_stat(5).
    if (words.empty() || words[0].size() != 1 || !field(4, stat.parent) || !field(9, flags) ||
        !field(22, stat.start_ticks) || !field(23, stat.mapped_bytes) || !field(39, stat.last_cpu) ||
        !field(47, start_brk)) {
        return malformed;
    }
    stat.state = words[0][0];
    constexpr std::uint32_t kPfKthread = 0x00200000;  // Linux include/linux/sched.h, PF_KTHREAD
    constexpr std::uint32_t kPfExiting = 0x00000004;  // the same, PF_EXITING
    stat.is_kernel_thread = (flags & kPfKthread) != 0;
    stat.is_exiting = (flags & kPfExiting) != 0;
    if (start_brk != 0) stat.start_brk = RemoteAddr{start_brk};
    return stat;
}

Result<std::optional<BlockedAt>> parse_syscall(std::string_view text) {
    const auto words = split(text);
    if (words.size() == 1 && words[0] == "running") return std::optional<BlockedAt>();
    // "-1 sp pc" or "number arg1 .. arg6 sp pc"
    BlockedAt at;
    const auto hex = [&](std::size_t from_end, std::uint64_t& into) {
        const auto word = words[words.size() - from_end];
        const auto value =
            word.starts_with("0x") ? parse_number<std::uint64_t>(word.substr(2), 16) : std::nullopt;
        if (value) into = *value;
        return value.has_value();
    };
    if ((words.size() != 3 && words.size() != 9) || !parse_word(words, 0, at.syscall) ||
        !hex(2, at.sp.value) || !hex(1, at.pc.value)) {
        return Error{Errc::malformed, 0, "syscall line " + std::string(text.substr(0, 80))};
    }
    return std::optional(at);
}

Result<ProcessStatus> read_process_status(pid_t pid) {
    return read_parsed(process_path(pid, "status"), parse_status);
}

Result<ProcessStat> read_process_stat(pid_t pid) {
    return read_parsed(process_path(pid, "stat"), parse_stat);
}

Result<ProcessStat> read_thread_stat(pid_t pid, pid_t tid) {
    return read_parsed(thread_path(pid, tid, "stat"), parse_stat);
}

// Who ends a process sends SIGKILL to each of its threads (Linux kernel/signal.c, zap_other_threads).
Result<bool> read_is_ending(pid_t pid, pid_t tid) {
    CT_TRY(const auto stat, read_thread_stat(pid, tid));
    if (stat.is_exiting || stat.state == 'Z' || stat.state == 'X') return true;
    CT_TRY(const auto status, read_process_status(tid));
    return status.pending.contains(SIGKILL);
}

Result<std::string> read_thread_name(pid_t pid, pid_t tid) {
    return read_name(thread_path(pid, tid, "comm"));
}

Result<std::optional<BlockedAt>> read_syscall(pid_t pid, pid_t tid) {
    return read_parsed(thread_path(pid, tid, "syscall"), parse_syscall);
}

Result<RunTimes> read_run_times(pid_t pid, pid_t tid) {
    const auto path = thread_path(pid, tid, "schedstat");
    CT_TRY(const auto text, read_file(path));
    const auto words = split(text);
    std::int64_t on_cpu = 0;
    std::int64_t waited = 0;
    RunTimes times;
    if (!parse_word(words, 0, on_cpu) || !parse_word(words, 1, waited) || !parse_word(words, 2, times.slices))
        return Error{Errc::malformed, 0, path};
    times.on_cpu = std::chrono::nanoseconds(on_cpu);
    times.waited = std::chrono::nanoseconds(waited);
    return times;
}

Result<std::vector<pid_t>> list_threads(pid_t pid) {
    return list_ids(process_path(pid, "task"));
}

Result<unsigned> read_thread_count(pid_t pid) {
    const auto path = process_path(pid, "task");
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return proc_error(errno, path);
    // Two links of the folder itself and one for each thread (Linux fs/proc/base.c proc_task_getattr).
    if (info.st_nlink < 2) return Error{Errc::malformed, 0, "link count of " + path};
    return static_cast<unsigned>(info.st_nlink - 2);
}

Result<std::vector<pid_t>> list_processes() {
    return list_ids("/proc");
}

Result<std::string> read_comm(pid_t pid) {
    return read_name(process_path(pid, "comm"));
}

Result<std::vector<std::string>> read_cmdline(pid_t pid) {
    CT_TRY(const auto text, read_file(process_path(pid, "cmdline")));
    std::vector<std::string> arguments;
    std::string_view rest = text;
    while (!rest.empty()) {
        const auto argument = rest.substr(0, rest.find('\0'));
        arguments.emplace_back(argument);
        rest.remove_prefix(std::min(argument.size() + 1, rest.size()));
    }
    return arguments;
}

namespace {

// Under chroot(2) the kernel names paths from our root, not from the target's.
std::string without_root(pid_t pid, std::string path) {
    char root[PATH_MAX];
    const ssize_t size = ::readlink(process_path(pid, "root").c_str(), root, sizeof(root));
    const std::string_view prefix(root, size < 0 ? 0 : static_cast<std::size_t>(size));
    const bool is_below = prefix.size() > 1 && path.size() > prefix.size() && path.starts_with(prefix) &&
                          path[prefix.size()] == '/';
    return is_below ? path.substr(prefix.size()) : path;
}

}  // namespace

Result<std::string> read_exe(pid_t pid) {
    const auto path = process_path(pid, "exe");
    char target[PATH_MAX];
    const ssize_t size = ::readlink(path.c_str(), target, sizeof(target));
    if (size >= 0) return without_root(pid, std::string(target, static_cast<std::size_t>(size)));
    const int error = errno;
    const bool exists = ::access(process_path(pid, "stat").c_str(), F_OK) == 0;
    if (error == ENOENT && exists)
        return Error{Errc::not_found, error, "process " + std::to_string(pid) + " has no program"};
    return proc_error(error, path);
}

}  // namespace corotrace
