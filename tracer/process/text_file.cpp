// SPDX-License-Identifier: MIT
#include "tracer/process/text_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "symbols/os_error.hpp"
#include "symbols/unique_fd.hpp"

namespace corotrace {

Result<std::string> read_text_file(const std::string& path, std::size_t most) {
    const auto failed = [&] {
        const int error = errno;
        return Error{errc_of(error), error, "reading " + path};
    };
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.is_open()) return failed();
    std::string text;
    char chunk[16384];
    while (text.size() < most) {
        const ssize_t got = ::read(fd.get(), chunk, sizeof(chunk));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed();
        if (got == 0) break;
        text.append(chunk, static_cast<std::size_t>(got));
    }
    return text;
}

std::vector<std::string_view> split_text(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

}  // namespace corotrace
