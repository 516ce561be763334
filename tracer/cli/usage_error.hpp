// SPDX-License-Identifier: MIT
// What was given on the command line is wrong: the error that every reader of options returns.
#pragma once

#include <string>
#include <utility>

#include "symbols/result.hpp"

namespace corotrace::cli {

[[nodiscard]] inline Error make_usage(std::string what) {
    return {Errc::usage, 0, std::move(what)};
}

}  // namespace corotrace::cli
