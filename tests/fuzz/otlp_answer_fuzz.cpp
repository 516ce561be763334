// SPDX-License-Identifier: MIT
// Any bytes as a collector's answer, in both forms: reading it ends, and what it says is bounded.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tracer/report/otlp_answer.hpp"

using namespace corotrace;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const bool protobuf : {false, true}) {
        const auto partial = parse_otlp_answer(text, protobuf);
        if (partial.message.size() > kMostMessageBytes || partial.rejected > INT64_MAX) std::abort();
    }
    return 0;
}
