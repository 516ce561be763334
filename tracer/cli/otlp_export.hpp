// SPDX-License-Identifier: MIT
// OtlpExport: what serve sends to a collector: each new site as a log record, and its counts as metrics. Says
// on standard error when that begins to fail and when it has come right again.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "tracer/cli/otlp_settings.hpp"
#include "tracer/http/http_outbox.hpp"
#include "tracer/report/metrics.hpp"
#include "tracer/report/otlp.hpp"
#include "tracer/report/otlp_report.hpp"

namespace corotrace::cli {

class OtlpExport final : public RecordSink {
public:
    using MakeMetrics = std::function<std::string(const OtlpResource&)>;

    // `make_metrics` is called on a thread of its own, until finish().
    explicit OtlpExport(MakeMetrics make_metrics) : make_metrics_(std::move(make_metrics)) {}

    // Null: sends nothing from now on. What waits for another collector is tried once more and is given up.
    // After an error it sends where it did. Precondition: signals that others wait for are blocked. Errors:
    // usage, io.
    [[nodiscard]] Status send_to(const std::optional<OtlpSettings>& settings);

    [[nodiscard]] bool wants_records() const override;
    void put(std::string record) override;
    [[nodiscard]] ExportCounts counts() const;
    // Tries once more what waits, for some seconds at the most.
    void finish();

private:
    void leave(std::chrono::milliseconds within);

    const MakeMetrics make_metrics_;
    std::optional<OtlpSettings> settings_;
    mutable std::mutex mutex_;  // guards what follows; it is never held while somebody waits for a collector
    std::optional<HttpOutbox> outbox_;
    bool takes_records_ = false;  // else it has an address for metrics only
    ExportCounts before_;         // of those that were left
};

}  // namespace corotrace::cli
