// SPDX-License-Identifier: MIT
// OwnCode tells a program's own files from those of libraries, by their paths alone: the standard library,
// what pip or the distribution installed (site-packages, dist-packages), frozen modules, and code without a
// file are not its own. --own GLOB makes more files its own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace corotrace {

// "uvicorn" of /x/site-packages/uvicorn/server.py, "asyncio" of /usr/lib/python3.11/asyncio/runners.py and
// <frozen asyncio.runners>; null: of no library.
[[nodiscard]] std::optional<std::string> library_of(std::string_view file);

// The path of a file from where Python imports it, which is the same on every machine: uvicorn/server.py,
// asyncio/runners.py. Of own code, whose root is not known, the last part, with the folder before it where
// the last part is __init__.py or __main__.py.
[[nodiscard]] std::string portable_path(std::string_view file);

class OwnCode {
public:
    OwnCode() = default;
    // Shell globs, as fnmatch(3) takes them, on whole paths.
    explicit OwnCode(std::vector<std::string> globs) : globs_(std::move(globs)) {}

    [[nodiscard]] bool is_own(const std::string& file) const;

private:
    std::vector<std::string> globs_;
};

}  // namespace corotrace
