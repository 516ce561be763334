// SPDX-License-Identifier: MIT
// Reads a source file that a process names, as that process itself could: through its root or its working
// directory, never out of them, and only if its own ids may search each directory on the way and read the
// file. A program that lies about its file names must not have a privileged corotrace print what is secret.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "symbols/source_file.hpp"

namespace corotrace {

// Whose rights are asked for: what the kernel compares with a file. Source: credentials(7),
// path_resolution(7).
struct FileIds {
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups;
    bool overrides = false;  // CAP_DAC_OVERRIDE or CAP_DAC_READ_SEARCH, in the user namespace that we are in

    // `wanted` is 4 to read, 1 to search.
    [[nodiscard]] bool may(unsigned wanted, unsigned mode, uid_t owner, gid_t group) const;
};

// From /proc/PID/status, or nothing.
[[nodiscard]] std::optional<FileIds> parse_file_ids(const std::string& status);

// Up to 4 MiB of a regular file. Nothing: no such file, not regular, not readable for the process, or a link
// or ".." that would lead out of where the walk began. A file that only an access control list opens to the
// process counts as not readable.
[[nodiscard]] std::optional<SourceFile> read_target_source(pid_t pid, const std::string& file);

// The same below `folder`, which an absolute name begins at, with the rights of `ids`.
[[nodiscard]] std::optional<SourceFile> read_source_below(const std::string& folder, FileIds ids,
                                                          const std::string& file);

// Of the file that the name leads to now, without a look at who may read it. Nothing: none, or a link leads
// out of the process's root. Cost: one system call.
[[nodiscard]] std::optional<SourceStamp> read_target_source_stamp(pid_t pid, const std::string& file);
[[nodiscard]] std::optional<SourceStamp> read_source_stamp_below(const std::string& folder,
                                                                 const std::string& file);

}  // namespace corotrace
