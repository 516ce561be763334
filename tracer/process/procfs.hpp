// SPDX-License-Identifier: MIT
// What /proc says about a process and its threads, as types. Nothing here stops or changes the target,
// and every number comes through a strict parser: a field that is missing or malformed is an error or
// nullopt, never 0. Errors of all read_ functions: gone (no such process or thread, or it ended while we
// read), denied (the kernel hides it from us), malformed, io.
#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "symbols/address.hpp"
#include "symbols/result.hpp"

namespace corotrace {

// Real, effective, saved and file-system id, in this order (proc_pid_status(5)).
using IdSet = std::array<std::uint32_t, 4>;

// Bit N-1 is signal N.
struct SignalMask {
    std::uint64_t bits = 0;
    [[nodiscard]] constexpr bool contains(int signal) const { return ((bits >> (signal - 1)) & 1) != 0; }
};

// Bit numbers of a capability mask are those of linux/capability.h.
inline constexpr int kCapSysPtrace = 19;

struct CapabilityMask {
    std::uint64_t bits = 0;
    [[nodiscard]] constexpr bool contains(int capability) const { return ((bits >> capability) & 1) != 0; }
    [[nodiscard]] constexpr bool is_subset_of(CapabilityMask other) const {
        return (bits & ~other.bits) == 0;
    }
};

// /proc/PID/status of a process or of one thread (proc_pid_status(5)).
struct ProcessStatus {
    std::string name;  // of the thread; the kernel keeps 15 bytes of it. Escapes are undone
    char state = '?';  // R S D T t Z X I
    pid_t tgid = 0;    // the process that this id belongs to: differs from the id of a thread
    pid_t parent = 0;  // 0: in another pid namespace, or none
    pid_t tracer = 0;  // 0: not traced, or the tracer is in a pid namespace that we cannot see
    IdSet uids{};
    IdSet gids{};
    unsigned threads = 0;
    SignalMask pending;  // of this thread alone
    SignalMask blocked;
    SignalMask ignored;
    SignalMask caught;
    CapabilityMask permitted;
    CapabilityMask effective;
    CapabilityMask bounding;            // what a program started from it could still get
    std::vector<pid_t> namespace_pids;  // outermost (as we see it) first; back() is what it calls itself
    std::optional<bool> no_new_privs;   // of prctl(2); nullopt: kernel before 4.10
    std::optional<unsigned> seccomp;    // 0 none, 1 strict, 2 filter; nullopt: kernel without seccomp
    std::optional<unsigned> seccomp_filters;  // inherited ones included; nullopt: kernel before 5.9
};

// The fields of /proc/PID/stat that status does not have (proc_pid_stat(5)).
struct ProcessStat {
    char state = '?';
    pid_t parent = 0;
    bool is_kernel_thread = false;
    bool is_exiting = false;
    std::uint64_t start_ticks = 0;  // since boot, in clock ticks: with the pid, the identity of a process
    std::optional<RemoteAddr> start_brk;  // nullopt: no address space, or we may not read it
    std::uint64_t mapped_bytes = 0;       // size of its address space; 0: it has none
    int last_cpu = 0;                     // the core on which it runs or last ran
};

// Where a thread waits inside the kernel.
struct BlockedAt {
    std::int64_t syscall = -1;  // number, or -1 when it waits outside any system call (a page fault, a stop)
    RemoteAddr sp;
    RemoteAddr pc;
};

[[nodiscard]] Result<ProcessStatus> parse_status(std::string_view text);
// The second field, the name, may hold anything, also spaces, parentheses and newlines: it ends at the
// last ')'.
[[nodiscard]] Result<ProcessStat> parse_stat(std::string_view text);
// nullopt: the thread is running. Source: Linux fs/proc/base.c proc_pid_syscall.
[[nodiscard]] Result<std::optional<BlockedAt>> parse_syscall(std::string_view text);

// Also takes the id of a thread; tgid then names its process. Cost: about 20 us, as the other files of /proc.
[[nodiscard]] Result<ProcessStatus> read_process_status(pid_t pid);
[[nodiscard]] Result<ProcessStat> read_process_stat(pid_t pid);
[[nodiscard]] Result<ProcessStat> read_thread_stat(pid_t pid, pid_t tid);
[[nodiscard]] Result<std::string> read_thread_name(pid_t pid, pid_t tid);
// Whether the thread is ending, or will without running on: killed, or its process ends. Cost: 2 reads.
[[nodiscard]] Result<bool> read_is_ending(pid_t pid, pid_t tid);
// Needs the right to trace. A snapshot: the thread may move on at once, unless somebody holds it.
[[nodiscard]] Result<std::optional<BlockedAt>> read_syscall(pid_t pid, pid_t tid);
// Since the thread began (/proc/PID/task/TID/schedstat). unsupported: kernel without CONFIG_SCHED_INFO.
struct RunTimes {
    std::chrono::nanoseconds on_cpu{0};
    std::chrono::nanoseconds waited{0};  // runnable, without a core
    std::uint64_t slices = 0;            // how often it got one
};
[[nodiscard]] Result<RunTimes> read_run_times(pid_t pid, pid_t tid);

// Ids of all threads in the order of the kernel's list; one started or ended meanwhile may be missed.
[[nodiscard]] Result<std::vector<pid_t>> list_threads(pid_t pid);
// The number of threads from one stat(2), to notice cheaply that it changed.
[[nodiscard]] Result<unsigned> read_thread_count(pid_t pid);
// Ids of all processes that we can see.
[[nodiscard]] Result<std::vector<pid_t>> list_processes();

// The name of the main thread, up to 15 bytes.
[[nodiscard]] Result<std::string> read_comm(pid_t pid);
// Arguments, capped at 64 KiB in all. Empty for a zombie and for a kernel thread.
[[nodiscard]] Result<std::vector<std::string>> read_cmdline(pid_t pid);
// The program's path as the target itself names it, with " (deleted)" where it was. Opening that path
// here may find another file: open /proc/PID/exe instead. Needs the right to read the target;
// not_found: there is no program (kernel thread, zombie).
[[nodiscard]] Result<std::string> read_exe(pid_t pid);

}  // namespace corotrace
