// SPDX-License-Identifier: MIT
// Functions of the program that take coroutines to await or schedule them, told by their source: up to 3.10
// nothing is left of a function that has ended. Pure.
#pragma once

#include <string>

#include "tracer/diagnose/source_lines.hpp"

namespace corotrace {

// A function of this name is defined in the file, and awaits one of its parameters or hands it to what does:
// awaiting what it is given would be no repair.
[[nodiscard]] bool takes_coroutines(const SourceLines& sources, const std::string& file,
                                    const std::string& name);

}  // namespace corotrace
