// SPDX-License-Identifier: MIT
// What all readers together find of the drop in drop.py: the same from a live process, when its image is
// recorded, and from the image.
#pragma once

#include "symbols/remote_memory.hpp"
#include "tests/support/json.hpp"

namespace corotrace {

// In the shape of "expected" in drop.py's line. An error of a reader stands in place of what it should read.
[[nodiscard]] nlohmann::json read_drop(const RemoteMemory& memory, const nlohmann::json& facts);

}  // namespace corotrace
