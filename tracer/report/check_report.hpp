// SPDX-License-Identifier: MIT
// The report of doctor, as text for people and as JSON lines. Pure: values in, the whole text out.
#pragma once

#include <string>

#include "tracer/findings/check.hpp"
#include "tracer/report/terminal.hpp"

namespace corotrace {

// A line a check, with why and fix below those that are not ok, and the verdict at the end.
[[nodiscard]] std::string format_checks_text(const Examination& examination, const Paint& paint);
// `status`: what corotrace is going to exit with.
[[nodiscard]] std::string format_checks_jsonl(const Examination& examination, int status);

}  // namespace corotrace
