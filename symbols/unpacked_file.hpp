// SPDX-License-Identifier: MIT
// Unpacks a file that is packed by gzip or zstd, as services pack cores, into a file without a name. The
// bytes are hostile: the decoder's memory and what is written are capped, and zeros take no room.
#pragma once

#include <string>

#include "symbols/result.hpp"
#include "symbols/unique_fd.hpp"

namespace corotrace {

struct UnpackedFile {
    UniqueFd fd;          // the file itself, where it is not packed
    bool is_cut = false;  // the packed bytes end early or are damaged: what came before is there
};

// `folder` takes what is unpacked until the descriptor is closed. Cost: reads the whole file and writes all
// that is not zero. Errors: io (no room in the folder, no such folder), unsupported (packed by something
// else, or more than kMaxUnpackedBytes), as phrases for a person.
[[nodiscard]] Result<UnpackedFile> unpack_file(UniqueFd fd, const std::string& folder);

inline constexpr std::uint64_t kMaxUnpackedBytes = std::uint64_t{1} << 40;

}  // namespace corotrace
