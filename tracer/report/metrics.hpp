// SPDX-License-Identifier: MIT
// Metrics: the counts of a run that goes on, in the text format of Prometheus or as OpenMetrics. Written by
// hand, for Debian 12 has no C++ client.
// Source: prometheus.io/docs/instrumenting/exposition_formats, openmetrics.io 1.0.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tracer/findings/live_counts.hpp"

namespace corotrace {

enum class MetricsFormat : std::uint8_t { kText, kOpenMetrics };

// What an Accept header asks for.
[[nodiscard]] MetricsFormat choose_metrics(std::string_view accept);
[[nodiscard]] std::string_view content_type(MetricsFormat format);

// What was sent to a collector.
struct ExportCounts {
    std::uint64_t sent = 0;             // log records that it took
    std::uint64_t dropped = 0;          // that it did not
    std::uint64_t failures = 0;         // requests that failed, each attempt
    std::uint64_t queued = 0;           // log records that wait
    std::uint64_t rejected_points = 0;  // data points of metrics that it left out
};

// What is told beside the counts.
struct ServiceFacts {
    std::string version;
    std::uint64_t left_alone = 0;       // processes
    std::uint64_t unwritten_lines = 0;  // JSON lines that found no room
    ExportCounts exported;
    std::chrono::microseconds cpu{0};  // of corotrace
    std::optional<std::uint64_t> memory_bytes;
    std::chrono::system_clock::time_point started;
};

// The first sites have labels of their own, kMostLabelled of them; all others are one, "other". So no series
// ever changes its meaning, and their sum is that of all drops at sites.
inline constexpr std::size_t kMostLabelled = 200;
[[nodiscard]] std::string format_metrics(const LiveSnapshot& counts, const ServiceFacts& facts,
                                         MetricsFormat format);

}  // namespace corotrace
