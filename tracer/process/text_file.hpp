// SPDX-License-Identifier: MIT
// Text files that are read whole, such as those of /proc and /sys, and what they are split into.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "symbols/result.hpp"

namespace corotrace {

// The file's text, cut where more than `most` bytes were read. Errors: errno's own (not_found, denied, gone,
// io), with the path.
[[nodiscard]] Result<std::string> read_text_file(const std::string& path, std::size_t most = 1 << 20);

// What stands between the separators; empty parts are parts.
[[nodiscard]] std::vector<std::string_view> split_text(std::string_view text, char separator);

}  // namespace corotrace
