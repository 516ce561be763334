// SPDX-License-Identifier: MIT
// Unpacks an .xz stream, as .gnu_debugdata holds one, within given bounds.
#pragma once

#include <optional>
#include <vector>

#include "symbols/bytes.hpp"

namespace corotrace {

// Nothing if it is damaged or its contents are larger than `max_bytes`. Uses at most 64 MiB besides.
[[nodiscard]] std::optional<std::vector<std::byte>> unpack_xz(ByteView packed, std::size_t max_bytes);

}  // namespace corotrace
