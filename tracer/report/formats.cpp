// SPDX-License-Identifier: MIT
#include "tracer/report/formats.hpp"

#include <algorithm>

#include "tracer/report/jsonl.hpp"
#include "tracer/report/text.hpp"

namespace corotrace {
namespace {

constexpr Format kFormats[] = {
    {"text", "blocks for people, a table of sites at the end", make_text_report},
    {"jsonl", "one JSON object a line, as corotrace-1.schema.json describes", make_jsonl_report},
};

}  // namespace

std::span<const Format> formats() {
    return kFormats;
}

const Format* find_format(std::string_view name) {
    const auto* found = std::find_if(std::begin(kFormats), std::end(kFormats),
                                     [&](const Format& format) { return format.name == name; });
    return found == std::end(kFormats) ? nullptr : found;
}

}  // namespace corotrace
