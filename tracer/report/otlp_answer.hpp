// SPDX-License-Identifier: MIT
// What a collector answers to a request of OTLP that it took: it may have left out a part of it, which is not
// to be sent again. Source: opentelemetry.io/docs/specs/otlp, OTLP/HTTP partial success; opentelemetry-proto
// v1.5.0, collector/{logs,metrics}/v1/*_service.proto (both have the same numbers of fields).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace corotrace {

struct OtlpPartialSuccess {
    std::uint64_t rejected = 0;  // log records, or data points, as the collector says
    std::string message;         // a warning if none was rejected; kMostMessageBytes of it, any bytes
};
inline constexpr std::size_t kMostMessageBytes = 200;

// Whatever it cannot make out says that nothing was rejected.
[[nodiscard]] OtlpPartialSuccess parse_otlp_answer(std::string_view answer, bool protobuf);

}  // namespace corotrace
