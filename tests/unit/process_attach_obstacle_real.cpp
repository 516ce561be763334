// SPDX-License-Identifier: MIT
// Each reason why a process cannot be traced, met with a real process.
#include "tracer/process/attach_obstacle.hpp"

#include <elf.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

namespace corotrace::process_attach_obstacle_real_test {

namespace {

std::string code_and_message(const std::optional<Error>& error) {
    return error ? std::to_string(static_cast<int>(error->code)) + " " + error->what : "none";
}

std::string code_and_message(Errc code, pid_t pid, const std::string& rest) {
    return std::to_string(static_cast<int>(code)) + " cannot attach to " + std::to_string(pid) + ": " + rest;
}

void drop_capabilities() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct none[2]{};
    if (::syscall(SYS_capset, &header, none) != 0) ::_exit(99);
}

// Another user, and dumpable again, as a service started by its init system is.
void become_nobody() {
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(99);
    ::prctl(PR_SET_DUMPABLE, 1);
}

bool is_root(const char* what) {
    if (::geteuid() == 0) return true;
    CT_SKIP("needs root: " << what);
    return false;
}

// A 32-bit ELF program that writes a newline and waits: write(1, "\n", 1); pause().
void write_32bit_program(const std::string& path) {
    constexpr std::uint32_t kBase = 0x08048000;
    constexpr std::uint32_t kEntry = kBase + sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr);
    // push '\n'; mov ecx, esp; mov eax, 4; mov ebx, 1; mov edx, 1; int 0x80; mov eax, 29; int 0x80; hlt
    const unsigned char code[] = {0x6a, 10, 0x89, 0xe1, 0xb8, 4,  0, 0, 0, 0xbb, 1,    0,   0, 0, 0xba, 1, 0,
                                  0,    0,  0xcd, 0x80, 0xb8, 29, 0, 0, 0, 0xcd, 0x80, 0xf4};
    Elf32_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS32;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_EXEC;
    header.e_machine = EM_386;
    header.e_version = EV_CURRENT;
    header.e_entry = kEntry;
    header.e_phoff = sizeof(Elf32_Ehdr);
    header.e_ehsize = sizeof(Elf32_Ehdr);
    header.e_phentsize = sizeof(Elf32_Phdr);
    header.e_phnum = 1;
    Elf32_Phdr segment{};
    segment.p_type = PT_LOAD;
    segment.p_vaddr = segment.p_paddr = kBase;
    segment.p_filesz = segment.p_memsz = sizeof(header) + sizeof(segment) + sizeof(code);
    segment.p_flags = PF_R | PF_X;
    segment.p_align = 0x1000;
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(&header), sizeof(header));
    file.write(reinterpret_cast<const char*>(&segment), sizeof(segment));
    file.write(reinterpret_cast<const char*>(code), sizeof(code));
    file.close();
    ::chmod(path.c_str(), 0755);
}

// Runs find_attach_obstacle() in a child that gave up its rights.
std::string as_unprivileged(uid_t uid, pid_t pid) {
    return result_in_child([=] {
        if (::setgid(uid) != 0 || ::setuid(uid) != 0) ::_exit(99);
        return code_and_message(find_attach_obstacle(pid));
    });
}

std::string without_capabilities(pid_t pid) {
    return result_in_child([=] {
        drop_capabilities();
        return code_and_message(find_attach_obstacle(pid));
    });
}

constexpr uid_t kNobody = 65534;
constexpr uid_t kStranger = 1234567;  // in no passwd file

// With the marks of a container (some machines carry them without being one) the advice has no sudo.
std::string next_command(pid_t pid) {
    const bool in_container = read_attach_facts(pid).value().container != Container::kNone;
    return std::string("; run as root") + (in_container ? " (user 0 of this container): " : ": sudo ") +
           "corotrace attach --pid " + std::to_string(pid);
}

}  // namespace

TEST_CASE("the Yama level is read from its file") {
    const auto path =
        std::filesystem::temp_directory_path() / ("corotrace_yama_" + std::to_string(::getpid()));
    std::ofstream(path) << "2\n";
    CHECK(read_attach_facts(::getpid(), path.c_str()).value().yama_scope == 2);
    std::filesystem::remove(path);
    CHECK(read_attach_facts(::getpid(), path.c_str()).value().yama_scope == std::nullopt);
}

TEST_CASE("an open process has no obstacle") {
    const auto child = ChildProcess::fork_ready([] {});
    CHECK(find_attach_obstacle(child.pid()) == std::nullopt);
}

TEST_CASE("no such process") {
    const pid_t ended = [] { return ChildProcess::fork_ready([] {}).pid(); }();
    for (const pid_t pid : {ended, pid_t{0}, pid_t{-1}}) {
        const auto found = find_attach_obstacle(pid);
        REQUIRE(found);
        CHECK(found->code == Errc::not_found);
        CHECK(found->what.find("cannot attach to " + std::to_string(pid) + ": no such process") == 0);
    }
    CHECK(explain_attach_failure(ended, ESRCH).code == Errc::gone);
}

TEST_CASE("corotrace itself and its threads") {
    const auto itself = code_and_message(find_attach_obstacle(::getpid()));
    CHECK(itself ==
          code_and_message(Errc::usage, ::getpid(),
                           "it is corotrace itself; give the pid of a Python process: pgrep -a python"));
    std::thread([] {
        const auto found = find_attach_obstacle(::gettid());
        CHECK((found && found->code == Errc::usage));
        CHECK((found && found->what.find("it is corotrace itself") != std::string::npos));
    }).join();
    // The shell that started it is a process like any other.
    CHECK(code_and_message(find_attach_obstacle(::getppid())).find("itself") == std::string::npos);
}

TEST_CASE("a thread names its process") {
    const auto child = ChildProcess::fork_ready([] {
        ::prctl(PR_SET_NAME, "owner");
        std::thread([] {
            for (;;) ::pause();
        }).detach();
    });
    const pid_t tid = list_threads(child.pid()).value().at(1);
    const auto pid = std::to_string(child.pid());
    CHECK(code_and_message(find_attach_obstacle(tid)) ==
          code_and_message(
              Errc::usage, tid,
              "it is a thread of process " + pid + " (owner); run: corotrace attach --pid " + pid));
}

TEST_CASE("a zombie names the parent that does not wait for it") {
    // The parent is a program of ours: a shell may wait for its child before it becomes something else.
    const auto child = ChildProcess::fork_writing([] {
        ::prctl(PR_SET_NAME, "neglectful");
        const pid_t ending = ::fork();
        if (ending == 0) {
            ::prctl(PR_SET_NAME, "ended");
            ::raise(SIGKILL);  // the thread sanitizer's _exit() writes out the test's own buffers
        }
        siginfo_t info{};
        ::waitid(P_PID, static_cast<id_t>(ending), &info, WEXITED | WNOWAIT);
        const std::string line = std::to_string(ending) + "\n";
        static_cast<void>(!::write(STDOUT_FILENO, line.data(), line.size()));
    });
    const pid_t zombie = std::stoi(child.first_line());
    CHECK(code_and_message(find_attach_obstacle(zombie)) ==
          code_and_message(
              Errc::not_found, zombie,
              "ended has ended and is a zombie until its parent " + std::to_string(child.pid()) +
                  " (neglectful) waits for it, so nothing is left to trace; attach to its successor: pgrep "
                  "-a python"));
}

TEST_CASE("a process whose main thread has ended") {
    if (CT_SKIPS_UNDER_TSAN()) return;
    const auto child = ChildProcess::fork_ready([] {
        ::prctl(PR_SET_NAME, "headless");
        ::signal(SIGUSR1, [](int) { ::syscall(SYS_exit, 0); });
        std::thread([] {
            for (;;) ::pause();
        }).detach();
    });
    REQUIRE(::syscall(SYS_tgkill, child.pid(), child.pid(), SIGUSR1) == 0);
    while (read_process_status(child.pid()).value().state != 'Z') std::this_thread::yield();
    CHECK(code_and_message(find_attach_obstacle(child.pid())) ==
          code_and_message(
              Errc::unsupported, child.pid(),
              "the main thread of headless has ended while another thread goes on, and /proc no longer "
              "gives access to its memory; restart the program"));
}

TEST_CASE("a kernel thread") {
    const auto stat = read_process_stat(2);
    if (!stat || !stat->is_kernel_thread) {
        CT_SKIP("pid 2 is no kernel thread here");
        return;
    }
    CHECK(code_and_message(find_attach_obstacle(2)) ==
          code_and_message(
              Errc::unsupported, 2,
              "kthreadd is a kernel thread and runs no program; list candidates by: pgrep -a python"));
}

TEST_CASE("another tracer is named") {
    const auto child = ChildProcess::fork_ready([] {});
    const auto tracer = ChildProcess::fork_ready([&child] {
        ::prctl(PR_SET_NAME, "rival");
        if (::ptrace(PTRACE_SEIZE, child.pid(), nullptr, nullptr) != 0) ::_exit(99);
    });
    const auto pid = std::to_string(tracer.pid());
    const auto expected =
        code_and_message(Errc::denied, child.pid(),
                         "it is already traced by " + pid +
                             " (rival), and a process can have one tracer only; let that one detach "
                             "first (gdb: detach, others: Ctrl-C or kill -INT " +
                             pid + ")");
    CHECK(code_and_message(find_attach_obstacle(child.pid())) == expected);
    REQUIRE(::ptrace(PTRACE_SEIZE, child.pid(), nullptr, nullptr) == -1);
    CHECK(code_and_message(explain_attach_failure(child.pid(), errno)) == expected);
}

TEST_CASE("a 32-bit program") {
    const std::string path =
        std::filesystem::temp_directory_path() / ("corotrace_elf32_" + std::to_string(::getpid()));
    write_32bit_program(path);
    const auto child = ChildProcess::run_ready({path});
    const auto seen = read_attach_facts(child.pid());
    std::filesystem::remove(path);
    // Where it cannot be executed, execvp(3) has a shell read it.
    if (!seen || seen->target->state == 'Z' || seen->program != path) {
        CT_SKIP("this kernel runs no 32-bit programs");
        return;
    }
    CHECK(seen->is_64bit == false);
    CHECK(find_attach_obstacle(*seen)->code == Errc::unsupported);
}

TEST_CASE("a process of another user") {
    if (!is_root("processes of other users")) return;
    const auto service = ChildProcess::fork_ready(become_nobody);
    CHECK(find_attach_obstacle(service.pid()) == std::nullopt);
    CHECK(as_unprivileged(kStranger, service.pid()) ==
          code_and_message(Errc::denied, service.pid(),
                           "it runs as user 65534 (nobody) and corotrace as 1234567, and corotrace has no "
                           "CAP_SYS_PTRACE" +
                               next_command(service.pid())));
    CHECK(as_unprivileged(kNobody, service.pid()) == "none");

    // Root without the capability, as in most containers.
    const auto refused = without_capabilities(service.pid());
    CHECK(refused.find(
              "it runs as user 65534 (nobody) and corotrace as 0 (root), and corotrace runs as root, but "
              "without CAP_SYS_PTRACE; start it") != std::string::npos);
}

TEST_CASE("a process that is not dumpable") {
    if (!is_root("processes of other users")) return;
    const auto service = ChildProcess::fork_ready([] {
        become_nobody();
        ::prctl(PR_SET_DUMPABLE, 0);
    });
    CHECK(find_attach_obstacle(service.pid()) == std::nullopt);
    CHECK(
        as_unprivileged(kNobody, service.pid()) ==
        code_and_message(Errc::denied, service.pid(),
                         "the process is not dumpable (it changed its user, has file capabilities, or called "
                         "prctl(PR_SET_DUMPABLE, 0)), and corotrace has no CAP_SYS_PTRACE" +
                             next_command(service.pid())));
}

TEST_CASE("a process of the same user with more capabilities") {
    if (!is_root("processes of other users")) return;
    const auto service = ChildProcess::fork_ready([] {
        ::prctl(PR_SET_KEEPCAPS, 1);
        become_nobody();
    });
    CHECK(as_unprivileged(kNobody, service.pid()) ==
          code_and_message(
              Errc::denied, service.pid(),
              "the process has capabilities that corotrace has not, and corotrace has no CAP_SYS_PTRACE" +
                  next_command(service.pid())));
    // And root without capabilities against one that has them.
    const auto rooted = ChildProcess::fork_ready([] {});
    CHECK(without_capabilities(rooted.pid())
              .find("the process has capabilities that corotrace has not, and corotrace "
                    "runs as root, but without CAP_SYS_PTRACE") != std::string::npos);
}

TEST_CASE("a tracer in a user namespace of its own") {
    const auto target = ChildProcess::fork_ready([] {});
    const auto refused = result_in_child([&] {
        if (::unshare(CLONE_NEWUSER) != 0) return std::string("no namespaces");
        return code_and_message(find_attach_obstacle(target.pid()));
    });
    if (refused == "no namespaces") {
        CT_SKIP("no user namespaces here");
        return;
    }
    CHECK(refused.find("corotrace runs in a user namespace of its own (a rootless container?)") !=
          std::string::npos);
}

TEST_CASE("a process that /proc hides") {
    if (!is_root("a /proc of its own")) return;
    const auto target = ChildProcess::fork_ready([] {});
    const auto refused = result_in_child([&] {
        if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            ::mount("proc", "/proc", "proc", 0, "hidepid=2") != 0 || ::setgid(kNobody) != 0 ||
            ::setuid(kNobody) != 0) {
            return std::string("no mounts");
        }
        return code_and_message(find_attach_obstacle(target.pid()));
    });
    if (refused == "no mounts") {
        CT_SKIP("mounting is not allowed here");
        return;
    }
    CHECK(refused ==
          code_and_message(Errc::denied, target.pid(),
                           "the process exists, but /proc hides it from this user (mount option hidepid)" +
                               next_command(target.pid())));
}

TEST_CASE("a /proc that belongs to another pid namespace") {
    if (!is_root("pid namespaces")) return;
    const auto refused = result_in_child([] {
        if (::unshare(CLONE_NEWPID) != 0) return std::string("no namespaces");
        return result_in_child([] { return code_and_message(find_attach_obstacle(1)); });
    });
    if (refused == "no namespaces") {
        CT_SKIP("no pid namespaces here");
        return;
    }
    CHECK(refused.find("/proc shows another pid namespace than the one corotrace runs in") !=
          std::string::npos);
}

}  // namespace corotrace::process_attach_obstacle_real_test
