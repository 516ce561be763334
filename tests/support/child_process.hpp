// SPDX-License-Identifier: MIT
// ChildProcess: a process of a test, killed and reaped when its owner goes. It is made by forking this test
// program or by running another one, and the maker returns when the child says that it is ready, so that no
// test needs to wait for a time.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "symbols/unique_fd.hpp"

namespace corotrace {

class ChildProcess {
public:
    // Forks. The child runs `body`, then reports that it is ready and sleeps until it is killed.
    [[nodiscard]] static ChildProcess fork_ready(const std::function<void()>& body);
    // The same, but ready when `body` has written a line to its standard output. It need not return.
    [[nodiscard]] static ChildProcess fork_writing(const std::function<void()>& body);
    // Runs a program; ready when it has written a line, or has ended. Its standard input is a pipe that
    // stays open, its standard error that of the test.
    [[nodiscard]] static ChildProcess run_ready(const std::vector<std::string>& command);

    ChildProcess(ChildProcess&& other) noexcept;
    ChildProcess& operator=(ChildProcess&&) = delete;
    ~ChildProcess();

    [[nodiscard]] pid_t pid() const { return pid_; }
    // The line that it wrote, without its end.
    [[nodiscard]] const std::string& first_line() const { return first_line_; }

private:
    ChildProcess(pid_t pid, UniqueFd input, UniqueFd output)
        : pid_(pid), input_(std::move(input)), output_(std::move(output)) {}

    pid_t pid_;
    UniqueFd input_;
    UniqueFd output_;
    std::string first_line_;
};

// What `body` returns when it runs in a forked child, which may give up its rights before.
[[nodiscard]] std::string result_in_child(const std::function<std::string()>& body);

}  // namespace corotrace
