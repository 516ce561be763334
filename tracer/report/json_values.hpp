// SPDX-License-Identifier: MIT
// What every writer of JSON needs: null for what is not known, and the facts of the model that several kinds
// of line hold. `Json` is the writer's type of a value.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tracer/findings/finding.hpp"

namespace corotrace {

template <typename Json, typename T>
[[nodiscard]] Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

// The whole text, in ASCII, for a terminal may obey other characters of a target's strings. Never throws for
// a string that is not UTF-8: its bad bytes become U+FFFD. `indent` -1: on one line.
template <typename Json>
[[nodiscard]] std::string format_json(const Json& json, int indent = -1) {
    return json.dump(indent, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
}

template <typename Json, typename T, typename Convert>
[[nodiscard]] Json array_or_null(const std::optional<std::vector<T>>& values, Convert convert) {
    if (!values) return nullptr;
    Json array = Json::array();
    for (const auto& value : *values) array.push_back(convert(value));
    return array;
}

template <typename Json>
[[nodiscard]] Json convert_frame(const Frame& frame) {
    return {{"function", frame.function},
            {"name", frame.name},
            {"file", frame.file},
            {"line", or_null<Json>(frame.line)},
            {"end_line", or_null<Json>(frame.end_line)},
            {"col", or_null<Json>(frame.col)},
            {"end_col", or_null<Json>(frame.end_col)},
            {"source", or_null<Json>(frame.source)}};
}

template <typename Json>
[[nodiscard]] Json convert_argument(const Argument& argument) {
    return {{"name", argument.name},
            {"type", or_null<Json>(argument.type)},
            {"value", or_null<Json>(argument.value)},
            {"redacted", argument.redacted}};
}

template <typename Json>
[[nodiscard]] Json convert_coroutine(const CoroutineFacts& coroutine) {
    return {{"name", or_null<Json>(coroutine.name)},
            {"qualname", or_null<Json>(coroutine.qualname)},
            {"type", or_null<Json>(coroutine.type)},
            {"file", or_null<Json>(coroutine.file)},
            {"line", or_null<Json>(coroutine.line)},
            {"arguments", array_or_null<Json>(coroutine.arguments, convert_argument<Json>)}};
}

}  // namespace corotrace
