// SPDX-License-Identifier: MIT
// The output formats: a name for each, and what makes its report. To add one: a file beside this one and a
// line in formats.cpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tracer/findings/own_code.hpp"
#include "tracer/findings/run_report.hpp"
#include "tracer/report/report_writer.hpp"

namespace corotrace {

// What every format is made with. `writer` outlives the report.
struct ReportContext {
    ReportWriter& writer;
    std::chrono::system_clock::time_point (*now)() = std::chrono::system_clock::now;
    bool colored = false;
    std::optional<std::size_t> columns = {};  // width of the terminal; null: not a terminal, cut nothing
    OwnCode own = {};                         // what --own names
    bool full_stack = false;                  // show frames of libraries
    std::string source_root = {};  // files under it are told relative to it, where a format does so
    std::string version = {};      // of corotrace
};

struct Format {
    std::string_view name;
    std::string_view what;  // for --help
    std::unique_ptr<RunReport> (*make)(const ReportContext& context);
    bool shows_around = false;  // Frame::around
};

[[nodiscard]] std::span<const Format> formats();
// nullptr: there is no format of that name.
[[nodiscard]] const Format* find_format(std::string_view name);

}  // namespace corotrace
