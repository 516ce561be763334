// SPDX-License-Identifier: MIT
// keep(): a part of a reading that may be missing. What could not be read leaves a note, not an error.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "symbols/result.hpp"

namespace corotrace {

// The value, or a note why there is none: "code unreadable: ...".
template <typename T>
[[nodiscard]] std::optional<T> keep(Result<T> result, const char* what, std::vector<std::string>& notes) {
    if (result) return std::move(*result);
    notes.push_back(std::string(what) + " unreadable: " + result.error().what);
    return std::nullopt;
}

}  // namespace corotrace
