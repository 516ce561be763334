// SPDX-License-Identifier: MIT
// The text by which CPython warns of what was never awaited, taken apart. Pure.
// Source: CPython Lib/warnings.py _warn_unawaited_coroutine, 3.8 to 3.15 (in Lib/_py_warnings.py from 3.14
// on); Python/warnings.c _PyErr_WarnUnawaitedAgenMethod, from 3.13 on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace corotrace {

enum class UnawaitedKind : std::uint8_t { kCoroutine, kAsend, kAthrow, kAclose };

// A line of "Coroutine created at", which stands there where origin tracking was on.
struct CreationLine {
    std::string file;
    int line = 0;
    std::string function;  // plain name
};

struct UnawaitedWarning {
    UnawaitedKind kind = UnawaitedKind::kCoroutine;
    std::string qualname;
    std::vector<CreationLine> created;  // most recent call last; empty: not told
};

// Nothing if it is another warning.
[[nodiscard]] std::optional<UnawaitedWarning> parse_unawaited_warning(std::string_view text);

}  // namespace corotrace
