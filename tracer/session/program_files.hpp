// SPDX-License-Identifier: MIT
// ProgramFiles: whether a process may run CPython, told from the files that it has mapped as code. What a
// file is, is found out once for each file (device, inode, time of change), however many processes run it.
#pragma once

#include <sys/types.h>

#include <compare>
#include <cstdint>
#include <map>
#include <string>

namespace corotrace {

class ProgramFiles {
public:
    // False: none of its files holds CPython's coroutines. One that cannot be read may. Cost: /proc/PID/maps
    // and a stat(2) a file; a file that was not met yet is read to its end.
    [[nodiscard]] bool may_run_python(pid_t pid);

    // Just after exec, when nothing but the program itself and its loader is mapped: true if the program
    // holds CPython, or names its library. Cost: as above.
    [[nodiscard]] bool may_become_python(pid_t pid);

    // How many files were read so far.
    [[nodiscard]] std::size_t files_read() const { return files_read_; }

private:
    struct Key {
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        std::int64_t seconds = 0;
        std::int64_t nanoseconds = 0;
        auto operator<=>(const Key&) const = default;
    };
    struct Facts {
        bool holds_python = true;  // as one that cannot be read may
        bool names_library = true;
    };
    [[nodiscard]] Facts find_facts(const std::string& path);

    std::map<Key, Facts> known_;
    std::size_t files_read_ = 0;
};

}  // namespace corotrace
