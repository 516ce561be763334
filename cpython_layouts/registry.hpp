// SPDX-License-Identifier: MIT
// The list of supported CPython versions. Together with versions/ the only place that compares versions.
#pragma once

#include <span>
#include <string>

#include "cpython_layouts/layout.hpp"
#include "cpython_layouts/version.hpp"
#include "symbols/remote_memory.hpp"
#include "symbols/result.hpp"

namespace corotrace {

// The table for a version. Lives for ever. Errors: unsupported (the message lists what is supported).
[[nodiscard]] Result<const Layout*> find_layout(const PythonVersion& version);

// The layout to look for the interpreters of one process with, before anything is validated: the table of its
// version, or the newest table with what the process's own debug offsets say in its place.
// Errors: unsupported (the message lists what is supported).
[[nodiscard]] Result<Layout> draft_layout(const RemoteMemory& memory, const PythonVersion& version,
                                          RemoteAddr runtime);

// The layout to read one process by, validated on its memory.
struct ChosenLayout {
    Layout layout;
    bool experimental =
        false;         // a version without a table, or a build that moved things: from its own offsets
    std::string note;  // for the user, if experimental: what was done and what that means
};

// The table of the version if it fits; else the nearest table with what the process's own debug offsets
// (3.13+) say in its place, if that fits. Needs nothing stopped. Cost: that of validate_layout.
// Errors: unsupported (with what is supported, or what does not fit), gone, denied.
[[nodiscard]] Result<ChosenLayout> choose_layout(const RemoteMemory& memory, const PythonVersion& version,
                                                 RemoteAddr runtime, RemoteAddr coroutine_type);

// All tables, oldest first, and as text: "3.8 3.9 ... 3.13 3.13t".
[[nodiscard]] std::span<const Layout* const> supported_layouts();
[[nodiscard]] std::string supported_versions();

}  // namespace corotrace
