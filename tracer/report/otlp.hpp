// SPDX-License-Identifier: MIT
// What OpenTelemetry's collector is told of a run that goes on: a log record for each site, and metrics, as
// JSON of OTLP. Of arguments nothing is told, neither names nor values. Pure ASCII; long texts are cut.
// Source: opentelemetry-proto v1.5.0 (logs.proto, metrics.proto), opentelemetry.io/docs/specs/otlp "JSON
// Protobuf Encoding", semantic conventions v1.34: code.*, exception.*, process.*, container.id, k8s.pod.uid.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tracer/findings/finding.hpp"
#include "tracer/findings/live_counts.hpp"
#include "tracer/report/metrics.hpp"

namespace corotrace {

// Who tells it: each request begins with that.
struct OtlpResource {
    std::vector<std::pair<std::string, std::string>> attributes;  // "service.name", ...
    std::string version;                                          // of corotrace
};

// Where the process runs that a finding is of.
struct OtlpOrigin {
    std::optional<std::string> container;  // its id
    std::optional<std::string> pod;        // Kubernetes' uid of it
};

// One object of "logRecords", at most kMostOtlpRecordBytes.
inline constexpr std::size_t kMostOtlpRecordBytes = 256U << 10U;
[[nodiscard]] std::string format_otlp_record(const Finding& finding, const OtlpOrigin& origin);
// The body of a request to /v1/logs. `records`: of format_otlp_record().
[[nodiscard]] std::string join_otlp_records(const OtlpResource& resource,
                                            const std::vector<std::string>& records);
// The body of a request to /v1/metrics: cumulative sums, with the first kMostLabelled sites on their own.
[[nodiscard]] std::string format_otlp_metrics(const OtlpResource& resource, const LiveSnapshot& counts,
                                              const ServiceFacts& facts,
                                              std::chrono::system_clock::time_point now);

}  // namespace corotrace
