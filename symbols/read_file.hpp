// SPDX-License-Identifier: MIT
// read_file: reads a part of a file, however often it takes.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <span>

#include "symbols/unique_fd.hpp"

namespace corotrace {

// How many bytes were read: fewer than asked for at the end of the file or after an error, which errno tells.
[[nodiscard]] inline std::size_t read_file(const UniqueFd& fd, std::uint64_t offset,
                                           std::span<std::byte> into) {
    std::size_t done = 0;
    while (done < into.size()) {
        const ssize_t got =
            ::pread(fd.get(), into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

}  // namespace corotrace
