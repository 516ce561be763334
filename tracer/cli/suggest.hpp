// SPDX-License-Identifier: MIT
// "Did you mean": the known word nearest to one that was mistyped.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace corotrace::cli {

// The candidate that `word` is the beginning of, if it is one only; else the nearest within two slips of
// typing (a letter more, less, other, or two swapped), if the word is long enough for that to mean anything.
[[nodiscard]] std::optional<std::string_view> find_similar(std::string_view word,
                                                           std::span<const std::string_view> candidates);

}  // namespace corotrace::cli
