// SPDX-License-Identifier: MIT
// What every writer of JSON needs: null for what is not known. `Json` is the writer's type of a value.
#pragma once

#include <optional>

namespace corotrace {

template <typename Json, typename T>
[[nodiscard]] Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

}  // namespace corotrace
