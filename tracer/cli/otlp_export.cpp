// SPDX-License-Identifier: MIT
#include "tracer/cli/otlp_export.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "symbols/escape.hpp"
#include "tracer/report/otlp_answer.hpp"
#include "tracer/report/otlp_protobuf.hpp"

namespace corotrace::cli {
namespace {

// Far below the time that a pod or a unit has to end.
constexpr std::chrono::seconds kLastWords{3};
constexpr std::chrono::milliseconds kChange{500};

ExportCounts add(ExportCounts sum, const OutboxCounts& counts) {
    sum.sent += counts.sent;
    sum.dropped += counts.dropped;
    sum.failures += counts.failures;
    sum.rejected_points += counts.rejected_of_snapshots;
    sum.queued += counts.queued;
    return sum;
}

OutboxPlan make_plan(const OtlpSettings& settings, const OtlpExport::MakeMetrics& make_metrics) {
    const OtlpResource resource{.attributes = settings.resource, .version = COROTRACE_VERSION};
    OutboxPlan plan;
    plan.type = settings.protobuf ? "application/x-protobuf" : "application/json";
    plan.records_path = "/v1/logs";
    plan.join = [resource, protobuf = settings.protobuf](const std::vector<std::string>& records) {
        auto json = join_otlp_records(resource, records);
        return protobuf ? encode_otlp_logs(json) : json;
    };
    plan.snapshot_path = "/v1/metrics";
    plan.take_snapshot = [resource, make_metrics, protobuf = settings.protobuf] {
        auto json = make_metrics(resource);
        return protobuf ? encode_otlp_metrics(json) : json;
    };
    plan.snapshot_every = settings.metrics_every;
    plan.on_change = [where = settings.server.url.describe()](const Error* problem) {
        if (problem != nullptr)
            spdlog::warn("the collector at {} does not take what is sent: {}", printable(where),
                         printable(problem->what));
        else
            spdlog::info("the collector at {} takes what is sent again", printable(where));
    };
    plan.read_rejected = [protobuf = settings.protobuf](std::string_view answer) {
        auto partial = parse_otlp_answer(answer, protobuf);
        return HttpRejected{.count = partial.rejected, .message = std::move(partial.message)};
    };
    plan.on_rejected = [where = settings.server.url.describe()](const std::string& path,
                                                                const HttpRejected& rejected) {
        const bool is_logs = path == "/v1/logs";
        spdlog::warn(
            "the collector at {} left out {} of what it took: '{}' (said once; /metrics counts them)",
            printable(where),
            std::to_string(rejected.count) + (is_logs ? " log records" : " data points of metrics"),
            printable(rejected.message));
    };
    return plan;
}

}  // namespace

Status OtlpExport::send_to(const std::optional<OtlpSettings>& settings) {
    if (settings == settings_) return {};
    std::optional<HttpOutbox> next;
    if (settings) {
        CT_TRY(HttpClient client, HttpClient::make(settings->server));
        CT_TRY(HttpOutbox outbox, HttpOutbox::start(std::move(client), make_plan(*settings, make_metrics_)));
        next.emplace(std::move(outbox));
        spdlog::info("sends to the collector at {}", printable(settings->server.url.describe()));
        for (const std::string& fault : settings->faults)
            spdlog::warn("{}; it is left out", printable(fault));
    }
    leave(kChange);
    const std::lock_guard lock(mutex_);
    if (next) outbox_.emplace(std::move(*next));
    settings_ = settings;
    return {};
}

void OtlpExport::leave(std::chrono::milliseconds within) {
    std::optional<HttpOutbox> left;
    {
        const std::lock_guard lock(mutex_);
        if (outbox_) left.emplace(std::move(*outbox_));
        outbox_.reset();
    }
    if (!left) return;
    left->finish(within);
    const std::lock_guard lock(mutex_);
    before_ = add(before_, left->counts());
}

bool OtlpExport::wants_records() const {
    const std::lock_guard lock(mutex_);
    return outbox_.has_value();
}

void OtlpExport::put(std::string record) {
    const std::lock_guard lock(mutex_);
    if (outbox_) outbox_->put(std::move(record));
}

ExportCounts OtlpExport::counts() const {
    const std::lock_guard lock(mutex_);
    return outbox_ ? add(before_, outbox_->counts()) : before_;
}

void OtlpExport::finish() {
    leave(kLastWords);
    if (const auto dropped = counts().dropped; dropped > 0)
        spdlog::warn("{} log records did not reach the collector", dropped);
}

}  // namespace corotrace::cli
