// SPDX-License-Identifier: MIT
// OtlpSettings: to which collector of OpenTelemetry serve sends, and as whom: by --otlp-endpoint and by the
// variables that all programs with OpenTelemetry read. Source:
// opentelemetry.io/docs/specs/otel/protocol/exporter, .../configuration/sdk-environment-variables,
// .../resource/sdk (values are percent-encoded, as in a W3C baggage).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "symbols/result.hpp"
#include "tracer/cli/arguments.hpp"
#include "tracer/http/http_client.hpp"

namespace corotrace::cli {

// Where one signal, as OpenTelemetry calls them, is sent.
struct OtlpSignal {
    HttpServerToAsk server;
    std::string path;       // behind that of the server's URL
    bool protobuf = false;  // else JSON
    std::chrono::milliseconds answer_within{10'000};

    friend bool operator==(const OtlpSignal&, const OtlpSignal&) = default;
};

struct OtlpSettings {
    std::optional<OtlpSignal> logs;                             // null: they are not sent
    std::optional<OtlpSignal> metrics;                          // null: they are not sent
    std::vector<std::pair<std::string, std::string>> resource;  // with "service.name"
    std::chrono::milliseconds metrics_every{60'000};
    std::vector<std::string> faults;  // of variables that are left out for that; without any value

    friend bool operator==(const OtlpSettings&, const OtlpSettings&) = default;
};

// Null: nothing is to be sent. Errors: usage (no such endpoint can be).
[[nodiscard]] Result<std::optional<OtlpSettings>> read_otlp_settings(const Arguments& arguments,
                                                                     const Environment& environment);

}  // namespace corotrace::cli
