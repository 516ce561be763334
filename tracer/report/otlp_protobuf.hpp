// SPDX-License-Identifier: MIT
// The same requests of OTLP in Protobuf's binary form, made of their JSON (otlp.hpp), which names each field
// as the messages do. By hand, for Debian 12 has a compiler of messages but not those of OpenTelemetry, and
// what is sent takes twelve of them. Source: github.com/open-telemetry/opentelemetry-proto v1.5.0,
// opentelemetry/proto/{logs,metrics, common,resource}/v1/*.proto; protobuf.dev/programming-guides/encoding.
#pragma once

#include <string>
#include <string_view>

namespace corotrace {

// `json`: of join_otlp_records(). Empty: it is no such thing.
[[nodiscard]] std::string encode_otlp_logs(std::string_view json);
// `json`: of format_otlp_metrics().
[[nodiscard]] std::string encode_otlp_metrics(std::string_view json);

}  // namespace corotrace
