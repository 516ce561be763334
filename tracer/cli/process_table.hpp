// SPDX-License-Identifier: MIT
// How a list of processes is written: a table for people, JSON lines for programs. Pure.
#pragma once

#include <span>
#include <string>

#include "tracer/session/process_list.hpp"

namespace corotrace::cli {

// A line for each, cut at `columns` (0: not), and below it why some cannot be attached to.
[[nodiscard]] std::string make_process_table(std::span<const ListedProcess> processes, std::size_t columns);
// An object a line with "type": "process" and "version": 1. Keys are only ever added; unknown is null.
[[nodiscard]] std::string make_process_lines(std::span<const ListedProcess> processes);

}  // namespace corotrace::cli
