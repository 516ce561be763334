// SPDX-License-Identifier: MIT
// The catalogue of mistakes: what each id that a diagnosis may give means. The one place where an id is
// named; the man page, `corotrace mistakes` and other formats tell it from here, and a test holds the rules
// and the documents against it. An id never changes its meaning.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace corotrace {

enum class MistakeLevel : std::uint8_t {
    kError,    // what the code was meant to do does not happen
    kWarning,  // something is lost, which may be meant
    kNote,     // nothing is proved
};

struct MistakeKind {
    std::string_view id;
    std::string_view title;  // one line, without a point
    std::string_view help;   // what happens and what to do, in sentences
    MistakeLevel level = MistakeLevel::kError;
};

[[nodiscard]] std::span<const MistakeKind> mistake_kinds();
// nullptr: there is no such id.
[[nodiscard]] const MistakeKind* find_mistake_kind(std::string_view id);

}  // namespace corotrace
