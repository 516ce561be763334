// SPDX-License-Identifier: MIT
// The list of supported CPython versions. Together with versions/ the only place that compares versions.
#pragma once

#include <span>
#include <string>

#include "cpython_layouts/layout.hpp"
#include "cpython_layouts/version.hpp"
#include "symbols/result.hpp"

namespace corotrace {

// The table for a version. Lives for ever. Errors: unsupported (the message lists what is supported).
[[nodiscard]] Result<const Layout*> find_layout(const PythonVersion& version);

// All tables, oldest first, and as text: "3.8 3.9 ... 3.13 3.13t".
[[nodiscard]] std::span<const Layout* const> supported_layouts();
[[nodiscard]] std::string supported_versions();

}  // namespace corotrace
