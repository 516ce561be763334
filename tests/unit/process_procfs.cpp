// SPDX-License-Identifier: MIT
#include "tracer/process/procfs.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

namespace corotrace::process_procfs_test {

namespace {

constexpr const char* kStatus =
    "Name:\tevil\\n) R (x\\\\\n"
    "Umask:\t0022\n"
    "State:\tt (tracing stop)\n"
    "Tgid:\t4711\n"
    "Pid:\t4712\n"
    "PPid:\t1\n"
    "TracerPid:\t99\n"
    "Uid:\t1000\t1001\t1002\t1003\n"
    "Gid:\t100\t101\t102\t103\n"
    "Groups:\t4 24 27 \n"
    "NSpid:\t4712\t7\n"
    "VmPeak:\t    3060 kB\n"
    "Threads:\t12\n"
    "SigBlk:\t0000000000400000\n"
    "SigIgn:\t0000000001001000\n"
    "SigCgt:\t8000000000000002\n"
    "CapPrm:\t000001ffffffffff\n"
    "CapEff:\t0000000000080000\n"
    "CapBnd:\t0000000000000400\n"
    "Seccomp:\t2\n";

std::string without_line(std::string text, const std::string& key) {
    const auto start = text.find(key);
    return text.erase(start, text.find('\n', start) + 1 - start);
}

pid_t ended_pid() {
    return ChildProcess::fork_ready([] {}).pid();
}

}  // namespace

TEST_CASE("a status file becomes numbers") {
    const auto status = parse_status(kStatus);
    REQUIRE(status);
    CHECK(status->name == "evil\n) R (x\\");
    CHECK(status->state == 't');
    CHECK(status->tgid == 4711);
    CHECK(status->parent == 1);
    CHECK(status->tracer == 99);
    CHECK(status->uids == IdSet{1000, 1001, 1002, 1003});
    CHECK(status->gids == IdSet{100, 101, 102, 103});
    CHECK(status->namespace_pids == std::vector<pid_t>{4712, 7});
    CHECK(status->threads == 12);
    CHECK(status->blocked.contains(SIGURG));
    CHECK_FALSE(status->blocked.contains(SIGHUP));
    CHECK(status->ignored.contains(SIGPIPE));
    CHECK(status->caught.contains(SIGINT));
    CHECK(status->caught.contains(64));
    CHECK(status->effective.contains(kCapSysPtrace));
    CHECK(status->bounding.contains(10));
    CHECK_FALSE(status->bounding.contains(kCapSysPtrace));
    CHECK(status->effective.is_subset_of(status->permitted));
    CHECK_FALSE(status->permitted.is_subset_of(status->effective));
    CHECK(status->seccomp == 2u);
}

TEST_CASE("a status file that lacks a line or has a wrong one is malformed") {
    for (const auto* key : {"State:", "Tgid:", "PPid:", "TracerPid:", "Uid:", "Gid:", "Threads:", "SigBlk:",
                            "SigIgn:", "SigCgt:", "CapPrm:", "CapEff:", "CapBnd:"}) {
        INFO(key);
        CHECK(parse_status(without_line(kStatus, key)).error().code == Errc::malformed);
    }
    const auto old_kernel = parse_status(without_line(without_line(kStatus, "NSpid:"), "Seccomp:"));
    REQUIRE(old_kernel);
    CHECK(old_kernel->namespace_pids.empty());
    CHECK(old_kernel->seccomp == std::nullopt);

    CHECK(parse_status("").error().code == Errc::malformed);
    CHECK(parse_status(std::string(kStatus) + "Tgid:\t-\n").error().code == Errc::malformed);
    CHECK(parse_status(std::string(kStatus) + "Tgid:\t99999999999\n").error().code == Errc::malformed);
    CHECK(parse_status(std::string(kStatus) + "Uid:\t1\t2\t3\n").error().code == Errc::malformed);
    CHECK(parse_status(std::string(kStatus) + "SigBlk:\t0x1\n").error().code == Errc::malformed);
    CHECK(parse_status(std::string(kStatus) + "State:\t\n").error().code == Errc::malformed);
}

TEST_CASE("a name cannot forge a stat line") {
    const std::string tail =
        " S 1 2 3 4 5 4194560 7 8 9 10 11 12 13 14 15 16 17 18 3310 20 21 22 23 24 25 26 27 28 29 30 31 32 "
        "33 34 "
        "35 1 37 38 39 40 41 42 43 93824992 45 46 47 48 49\n";
    for (const auto* name : {"python3", "a) R 77 (b", ") Z 0", "two\nlines", "((", "))", ""}) {
        INFO(name);
        const auto stat = parse_stat("4711 (" + std::string(name) + ")" + tail);
        REQUIRE(stat);
        CHECK(stat->state == 'S');
        CHECK(stat->parent == 1);
        CHECK_FALSE(stat->is_kernel_thread);
        CHECK(stat->start_ticks == 3310);
        CHECK(stat->mapped_bytes == 20);
        CHECK(stat->last_cpu == 1);
        CHECK(stat->start_brk == RemoteAddr{93824992});
    }
    CHECK(parse_stat("4711 (python3) S 1 2").error().code == Errc::malformed);
    CHECK(parse_stat("4711 python3" + tail).error().code == Errc::malformed);
}

TEST_CASE("a syscall line is running, blocked in a call, or blocked outside one") {
    CHECK(parse_syscall("running\n").value() == std::nullopt);
    const auto in_call =
        parse_syscall("232 0x4 0x7ffd 0x40 0xffffffff 0x0 0x8 0x7ffd6f9a0b40 0x7f4e3dd0f1a7\n");
    REQUIRE(in_call);
    REQUIRE(*in_call);
    CHECK((*in_call)->syscall == 232);
    CHECK((*in_call)->sp == RemoteAddr{0x7ffd6f9a0b40});
    CHECK((*in_call)->pc == RemoteAddr{0x7f4e3dd0f1a7});
    const auto outside = parse_syscall("-1 0x7ffd6f9a0b40 0x7f4e3dd0f1a7\n");
    REQUIRE(outside);
    REQUIRE(*outside);
    CHECK((*outside)->syscall == -1);
    CHECK((*outside)->pc == RemoteAddr{0x7f4e3dd0f1a7});
    for (const auto* wrong : {"", "0x1", "-1 0x1", "-1 7 8", "1 2 3 4", "walking"}) {
        INFO(wrong);
        CHECK(parse_syscall(wrong).error().code == Errc::malformed);
    }
}

TEST_CASE("/proc of this process says what the system calls say") {
    REQUIRE(::prctl(PR_SET_NAME, "a) R (\\\nb") == 0);
    const auto status = read_process_status(::getpid());
    const auto name = read_thread_name(::getpid(), ::getpid());
    const auto stat = read_process_stat(::getpid());
    REQUIRE(::prctl(PR_SET_NAME, "test_unit") == 0);
    REQUIRE(status);
    CHECK(status->name == "a) R (\\\nb");
    CHECK(name.value() == "a) R (\\\nb");
    CHECK(status->tgid == ::getpid());
    CHECK(status->parent == ::getppid());
    CHECK(status->uids[1] == ::geteuid());
    CHECK(status->gids[0] == ::getgid());
    CHECK(status->state == 'R');
    REQUIRE_FALSE(status->namespace_pids.empty());
    CHECK(status->namespace_pids.back() == ::getpid());
    REQUIRE(stat);
    CHECK(stat->parent == ::getppid());
    REQUIRE(stat->start_brk);
    CHECK(stat->start_brk->value <= reinterpret_cast<std::uint64_t>(::sbrk(0)));
    CHECK(read_exe(::getpid()).value() == std::filesystem::read_symlink("/proc/self/exe").string());
    CHECK_FALSE(read_cmdline(::getpid()).value().at(0).empty());
    const auto all = list_processes();
    REQUIRE(all);
    CHECK(std::count(all->begin(), all->end(), ::getpid()) == 1);
}

TEST_CASE("signal masks are those of the thread") {
    const auto child = ChildProcess::fork_ready([] {
        ::signal(SIGUSR1, SIG_IGN);
        ::signal(SIGUSR2, [](int) {});
        sigset_t set;
        ::sigemptyset(&set);
        ::sigaddset(&set, SIGURG);
        ::sigprocmask(SIG_BLOCK, &set, nullptr);
    });
    const auto status = read_process_status(child.pid());
    REQUIRE(status);
    CHECK(status->blocked.contains(SIGURG));
    CHECK(status->ignored.contains(SIGUSR1));
    CHECK(status->caught.contains(SIGUSR2));
    CHECK_FALSE(status->caught.contains(SIGUSR1));
}

TEST_CASE("threads are listed, counted and named") {
    if (CT_SKIPS_UNDER_TSAN()) return;
    const auto child = ChildProcess::fork_ready([] {
        for (int i = 0; i < 3; ++i) {
            std::thread([] {
                ::prctl(PR_SET_NAME, "worker");
                for (;;) ::pause();
            }).detach();
        }
        // Ready when all three have given themselves their name.
        for (;;) {
            const auto threads = list_threads(::getpid()).value();
            const auto named = std::count_if(threads.begin(), threads.end(), [](pid_t tid) {
                return read_thread_name(::getpid(), tid).value() == "worker";
            });
            if (named == 3) break;
            std::this_thread::yield();
        }
    });
    const auto threads = list_threads(child.pid());
    REQUIRE(threads);
    REQUIRE(threads->size() == 4);
    CHECK(threads->at(0) == child.pid());
    CHECK(read_thread_count(child.pid()).value() == 4);
    const pid_t worker = threads->at(1);
    CHECK(read_thread_name(child.pid(), worker).value() == "worker");
    CHECK(read_comm(child.pid()).value() != "worker");
    // The status of a thread names its process.
    CHECK(read_process_status(worker).value().tgid == child.pid());
    CHECK(read_process_status(worker).value().threads == 4);
    CHECK(read_thread_stat(child.pid(), worker).value().state != 'Z');
}

TEST_CASE("a thread that waits says in which call and where, one that spins says running") {
    if (CT_SKIPS_UNDER_TSAN()) return;
    const auto waiting = ChildProcess::fork_ready([] {});
    std::optional<BlockedAt> at;
    while (!at) at = read_syscall(waiting.pid(), waiting.pid()).value();
    CHECK((at->syscall == SYS_pause || at->syscall == SYS_write || at->syscall == -1));
    while (!at || at->syscall != SYS_pause) at = read_syscall(waiting.pid(), waiting.pid()).value();
    // A fork shares its parent's addresses: both lie in what is mapped here.
    CHECK(at->pc.value > 0x1000);
    CHECK(at->sp.value > 0x1000);

    cpu_set_t allowed;
    REQUIRE(::sched_getaffinity(0, sizeof(allowed), &allowed) == 0);
    int last = CPU_SETSIZE - 1;
    while (!CPU_ISSET(last, &allowed)) --last;
    const auto spinning = ChildProcess::fork_ready([last] {
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(last, &one);
        ::sched_setaffinity(0, sizeof(one), &one);
        // Ready when it spins: a thread that starts may wait, for memory for example.
        static std::atomic<unsigned> rounds{0};
        std::thread([] {
            for (;;) rounds.fetch_add(1, std::memory_order_relaxed);
        }).detach();
        while (rounds.load() < 1000) std::this_thread::yield();
    });
    const pid_t spinner = list_threads(spinning.pid()).value().at(1);
    const auto before = read_run_times(spinning.pid(), spinner).value();
    while (read_run_times(spinning.pid(), spinner).value().on_cpu <= before.on_cpu) std::this_thread::yield();
    CHECK(read_run_times(spinning.pid(), spinner).value().slices > 0);
    CHECK(read_syscall(spinning.pid(), spinner).value() == std::nullopt);
    CHECK(read_thread_stat(spinning.pid(), spinner).value().last_cpu == last);
}

TEST_CASE("arguments are split at their zeros") {
    const auto child =
        ChildProcess::run_ready({"sh", "-c", "echo ready; read line", "", "two words", "\xff"});
    REQUIRE(child.first_line() == "ready");
    CHECK(read_cmdline(child.pid()).value() ==
          std::vector<std::string>{"sh", "-c", "echo ready; read line", "", "two words", "\xff"});
    CHECK(read_exe(child.pid()).value() == std::filesystem::canonical("/bin/sh").string());
}

TEST_CASE("gone, denied and not there are told apart") {
    const pid_t ended = ended_pid();
    CHECK(read_process_status(ended).error().code == Errc::gone);
    CHECK(read_process_stat(ended).error().code == Errc::gone);
    CHECK(list_threads(ended).error().code == Errc::gone);
    CHECK(read_thread_count(ended).error().code == Errc::gone);
    CHECK(read_syscall(ended, ended).error().code == Errc::gone);
    CHECK(read_run_times(ended, ended).error().code == Errc::gone);
    CHECK(read_comm(ended).error().code == Errc::gone);
    CHECK(read_exe(ended).error().code == Errc::gone);
    CHECK(read_thread_name(::getpid(), ended).error().code == Errc::gone);

    if (::access("/proc/2/status", F_OK) == 0 && read_process_stat(2).value().is_kernel_thread) {
        CHECK(read_exe(2).error().code == (::geteuid() == 0 ? Errc::not_found : Errc::denied));
        CHECK(read_cmdline(2).value().empty());
        CHECK(read_process_stat(2).value().start_brk == std::nullopt);
    }
    if (::geteuid() != 0) return;
    const pid_t parent = ::getpid();
    CHECK(result_in_child([parent] {
              (void)!::setuid(65534);
              const bool denied = read_syscall(parent, parent).error().code == Errc::denied &&
                                  read_exe(parent).error().code == Errc::denied;
              const bool open = read_process_status(parent) && list_threads(parent) && read_comm(parent);
              const bool hidden = !read_process_stat(parent).value().start_brk;
              return std::string(denied ? "denied " : "") + (open ? "open " : "") + (hidden ? "hidden" : "");
          }) == "denied open hidden");
}

}  // namespace corotrace::process_procfs_test
