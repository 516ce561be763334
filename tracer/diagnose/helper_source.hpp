// SPDX-License-Identifier: MIT
// Functions of the program that take coroutines to await or schedule them, told by their source: up to 3.10
// nothing is left of a function that has ended. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "tracer/diagnose/source_lines.hpp"

namespace corotrace {

enum class ParameterKind : std::uint8_t { kPlain, kFunction, kEither };

// What a function of this name wants at this position, or by this keyword, as its parameter is called there:
// a function to call, or that or a coroutine. Methods are not asked for their first one.
[[nodiscard]] ParameterKind kind_of_parameter(const SourceLines& sources, const std::string& file,
                                              const std::string& name, std::size_t position,
                                              const std::string& keyword);

// A function of this name is defined in the file, and awaits one of its parameters or hands it to what does:
// awaiting what it is given would be no repair.
[[nodiscard]] bool takes_coroutines(const SourceLines& sources, const std::string& file,
                                    const std::string& name);

}  // namespace corotrace
