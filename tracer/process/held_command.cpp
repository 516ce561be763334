// SPDX-License-Identifier: MIT
#include "tracer/process/held_command.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

namespace corotrace {

namespace {

constexpr int kNotFound = 127;  // as env(1) has it
constexpr int kNotExecutable = 126;

// Null: the other end is closed.
std::optional<char> read_word(int fd) {
    char word = 0;
    for (;;) {
        const ssize_t got = ::read(fd, &word, 1);
        if (got == 1) return word;
        if (got == 0 || errno != EINTR) return std::nullopt;
    }
}

void write_bytes(int fd, const void* bytes, std::size_t count) {
    while (::write(fd, bytes, count) < 0 && errno == EINTR) {
    }
}

struct Pipe {
    UniqueFd read;
    UniqueFd write;
};

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return Error{Errc::internal, errno, "no pipe can be made"};
    return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// In the child. Ends in the command.
[[noreturn]] void become(const std::vector<char*>& words, const SignalState& before, int gate, int ready) {
    pid_t tracer = 0;
    // Its caller may be killed before it says so: then nobody traces.
    if (::read(gate, &tracer, sizeof(tracer)) == sizeof(tracer)) {
        if (tracer < 0) ::_exit(0);
        ::prctl(PR_SET_PTRACER, static_cast<unsigned long>(tracer), 0, 0, 0);
        write_bytes(ready, "r", 1);
        if (read_word(gate) == 'n') ::_exit(0);
    }
    ::sigaction(SIGCHLD, &before.child, nullptr);
    ::sigprocmask(SIG_SETMASK, &before.mask, nullptr);
    ::execvp(words.front(), words.data());
    const int error = errno;
    std::fprintf(stderr, "corotrace: cannot run '%s': %s\n", words.front(), std::strerror(error));
    ::_exit(error == ENOENT ? kNotFound : kNotExecutable);
}

}  // namespace

Result<HeldCommand> HeldCommand::start(const std::vector<std::string>& words, const SignalState& before) {
    CT_TRY(Pipe gate, make_pipe());
    CT_TRY(Pipe ready, make_pipe());
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
    pointers.push_back(nullptr);
    const pid_t pid = ::fork();
    if (pid < 0) return Error{Errc::internal, errno, "no process can be started"};
    if (pid == 0) {
        // Else it would wait for itself.
        gate.write = {};
        ready.read = {};
        become(pointers, before, gate.read.get(), ready.write.get());
    }
    return HeldCommand(pid, std::move(gate.write), std::move(ready.read));
}

void HeldCommand::allow(pid_t tracer) {
    write_bytes(gate_.get(), &tracer, sizeof(tracer));
    gate_ = {};
}

void HeldCommand::give_up() {
    allow(-1);
}

bool HeldCommand::wait_until_allowed() {
    return read_word(ready_.get()) == 'r';
}

void HeldCommand::Gate::say(char word) {
    write_bytes(fd_.get(), &word, 1);
    fd_ = {};
}

}  // namespace corotrace
