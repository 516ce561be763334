// SPDX-License-Identifier: MIT
// ListedProcess: a process that runs CPython, as far as it shows without tracing: from /proc alone. Nothing
// is stopped and no memory of it is read, so what stays unknown is nullopt.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "symbols/result.hpp"
#include "tracer/process/cgroup.hpp"
#include "tracer/process/users.hpp"

namespace corotrace {

struct ListedProcess {
    pid_t pid = 0;
    std::optional<pid_t> own_pid;  // in its own pid namespace; nullopt: kernel without them
    std::string name;              // of its main thread
    std::vector<std::string> command;
    std::uint32_t uid = 0;
    std::optional<std::string> user;     // nullopt: not in /etc/passwd here
    std::string program;                 // empty: may not be read
    std::optional<std::string> version;  // "3.11", from the names of its files
    std::optional<std::string>
        event_loop;  // "asyncio", "uvloop": its extension is loaded; nullopt: none seen
    unsigned threads = 0;
    std::optional<std::chrono::seconds> uptime;
    std::optional<pid_t> tracer;
    std::string tracer_name;
    std::optional<Cgroup> cgroup;
    std::optional<Error> obstacle;  // why it cannot be attached to
};

// All that is given must match. Patterns are globs: `name` of the whole name (of the main thread, the
// program, the script or the module of -m), the others of any part.
struct ProcessFilter {
    std::optional<std::string> name = {};
    std::optional<std::string> command = {};  // arguments joined by blanks
    std::optional<std::string> user = {};     // name or number
    std::optional<std::string> cgroup = {};
    [[nodiscard]] bool is_empty() const { return !name && !command && !user && !cgroup; }
};

// What the mapped files tell: whether CPython is among them. Pure.
struct MappedPython {
    bool is_python = false;
    std::optional<std::string> version;
    std::optional<std::string> event_loop;
};
[[nodiscard]] MappedPython find_mapped_python(std::string_view program, std::string_view maps);

// Pure. Errors: none; what is unknown does not match.
[[nodiscard]] bool matches(const ListedProcess& process, const ProcessFilter& filter);

// One process. nullopt: no Python, or it ended meanwhile. Cost: as below.
[[nodiscard]] std::optional<ListedProcess> read_python_process(pid_t pid, UserNames& users);

// In the order of their ids, corotrace itself left out. A process whose files may not be read counts by the
// name that it gives itself. Cost: a few reads of /proc a process, its maps among them.
// Errors: denied (no /proc), io.
[[nodiscard]] Result<std::vector<ListedProcess>> list_python_processes(const ProcessFilter& filter);

}  // namespace corotrace
