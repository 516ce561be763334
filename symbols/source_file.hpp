// SPDX-License-Identifier: MIT
// SourceFile: the text of a source file, and what tells whether it is still that.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>

namespace corotrace {

struct SourceStamp {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;

    bool operator==(const SourceStamp&) const = default;
};

[[nodiscard]] inline SourceStamp make_source_stamp(const struct stat& info) {
    constexpr std::int64_t kSecond = 1'000'000'000;
    return {.device = info.st_dev,
            .inode = info.st_ino,
            .size = info.st_size,
            .modified_ns = info.st_mtim.tv_sec * kSecond + info.st_mtim.tv_nsec,
            .changed_ns = info.st_ctim.tv_sec * kSecond + info.st_ctim.tv_nsec};
}

struct SourceFile {
    std::string text;
    SourceStamp stamp;  // from before it was read
};

}  // namespace corotrace
