// SPDX-License-Identifier: MIT
#include "tests/support/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace corotrace {

namespace {

constexpr int kDeadlineMs = 60'000;

struct Pipe {
    UniqueFd read_end;
    UniqueFd write_end;
};

Pipe make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// Bytes up to the end or, if `one_line`, up to the end of the first line (what follows it is lost).
std::string read_text(int fd, bool one_line) {
    std::string text;
    pollfd waiting{fd, POLLIN, 0};
    char bytes[4096];
    while (::poll(&waiting, 1, kDeadlineMs) > 0) {
        const ssize_t got = ::read(fd, bytes, sizeof bytes);
        if (got <= 0) break;
        text.append(bytes, static_cast<std::size_t>(got));
        if (one_line && text.find('\n', text.size() - static_cast<std::size_t>(got)) != std::string::npos)
            break;
    }
    return one_line ? text.substr(0, text.find('\n')) : text;
}

void write_text(int fd, const std::string& text) {
    if (::write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::abort();
}

void reap(pid_t pid) {
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
}

}  // namespace

ChildProcess ChildProcess::fork_writing(const std::function<void()>& body) {
    Pipe output = make_pipe();
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::dup2(output.write_end.get(), STDOUT_FILENO);
        body();
        for (;;) ::pause();
    }
    output.write_end.reset();
    ChildProcess child(pid, UniqueFd(), std::move(output.read_end));
    child.first_line_ = read_text(child.output_.get(), true);
    return child;
}

ChildProcess ChildProcess::fork_ready(const std::function<void()>& body) {
    return fork_writing([&] {
        body();
        write_text(STDOUT_FILENO, "ready\n");
    });
}

ChildProcess ChildProcess::run_ready(const std::vector<std::string>& command) {
    Pipe input = make_pipe();
    Pipe output = make_pipe();
    std::vector<char*> arguments;
    for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::dup2(input.read_end.get(), STDIN_FILENO);
        ::dup2(output.write_end.get(), STDOUT_FILENO);
        ::execvp(arguments[0], arguments.data());
        ::_exit(127);
    }
    output.write_end.reset();
    ChildProcess child(pid, std::move(input.write_end), std::move(output.read_end));
    child.first_line_ = read_text(child.output_.get(), true);
    return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      input_(std::move(other.input_)),
      output_(std::move(other.output_)),
      first_line_(std::move(other.first_line_)) {}

ChildProcess::~ChildProcess() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    reap(pid_);
}

std::string result_in_child(const std::function<std::string()>& body) {
    Pipe result = make_pipe();
    const pid_t pid = ::fork();
    if (pid == 0) {
        write_text(result.write_end.get(), body());
        ::_exit(0);
    }
    result.write_end.reset();
    auto text = read_text(result.read_end.get(), false);
    reap(pid);
    return text;
}

}  // namespace corotrace
