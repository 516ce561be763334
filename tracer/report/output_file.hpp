// SPDX-License-Identifier: MIT
// OutputFile: where a report goes, standard output or a file that nobody else can read or redirect. A file
// is made beside its place, mode 0600, and takes its place with the first write, so that an attach that
// fails leaves what was there. A symbolic link is never followed; without a write nothing remains.
#pragma once

#include <string>
#include <string_view>

#include "symbols/result.hpp"
#include "symbols/unique_fd.hpp"

namespace corotrace {

// In place of a path.
inline constexpr const char* kToStandardError = "=2";

class OutputFile {
public:
    // "-" is standard output, kToStandardError the other one. An existing pipe or device is written to as it
    // is, if it is root's or the user's own. Errors: usage (a symbolic link, a directory, somebody else's
    // pipe, no such folder), denied, io.
    [[nodiscard]] static Result<OutputFile> open(const std::string& path);

    OutputFile(OutputFile&& other) noexcept;
    OutputFile& operator=(OutputFile&&) = delete;
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;
    ~OutputFile();

    // All of `text`, waiting for a slow reader as long as it takes. Errors: io, with EPIPE if the reader
    // left.
    [[nodiscard]] Status write(std::string_view text);
    // The last word of the file system: some say only now that there was no room. Nothing may be written
    // afterwards. Errors: io.
    [[nodiscard]] Status close();
    [[nodiscard]] int fd() const { return fd_; }

private:
    OutputFile(int fd, UniqueFd owned) : fd_(fd), owned_(std::move(owned)) {}
    [[nodiscard]] static Result<OutputFile> create(const std::string& path, UniqueFd folder,
                                                   const std::string& name);
    [[nodiscard]] Status take_place();

    int fd_;
    UniqueFd owned_;     // not open for standard output
    UniqueFd folder_;    // open as long as the file has not taken its place
    std::string path_;   // as the user gave it
    std::string name_;   // in folder_
    std::string draft_;  // name in folder_ until then
};

}  // namespace corotrace
