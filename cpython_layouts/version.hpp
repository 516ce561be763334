// SPDX-License-Identifier: MIT
// PythonVersion: which CPython a build is, as far as its memory layout goes.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace corotrace {

struct PythonVersion {
    int major = 0;
    int minor = 0;
    int micro = 0;
    bool free_threaded = false;
    bool prerelease = false;  // alpha, beta or candidate: its layout may be anything

    auto operator<=>(const PythonVersion&) const = default;
};

// From the text of sys.version or Py_GetVersion(): "3.13.5", "3.13.5t", "3.14.0rc1+ free-threading build
// (main, ...)", "3.9.2 (default, ...". Nothing if it does not begin like one.
[[nodiscard]] std::optional<PythonVersion> parse_version(std::string_view text);

// From Py_Version / PY_VERSION_HEX (Include/patchlevel.h): 0x030d05f0. Nothing if it cannot be one.
// Does not know whether the build is free-threaded: sizeof(PyTypeObject) or the debug offsets tell.
[[nodiscard]] std::optional<PythonVersion> parse_version_hex(std::uint32_t hex);

// "3.13.5", with "t" if free-threaded and " (pre-release)" if it is one.
[[nodiscard]] std::string format_version(const PythonVersion& version);

}  // namespace corotrace
