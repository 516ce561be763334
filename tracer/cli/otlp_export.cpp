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

// `what`: what is sent, in words.
Result<OutboxAddress> make_address(const OtlpSignal& signal, const std::string& what) {
    CT_TRY(HttpClient client, HttpClient::make(signal.server));
    const std::string where = printable(signal.server.url.describe() + signal.path);
    spdlog::info("sends {} to the collector at {}", what, where);
    return OutboxAddress{.client = std::move(client),
                         .path = signal.path,
                         .type = signal.protobuf ? "application/x-protobuf" : "application/json",
                         .answer_within = signal.answer_within,
                         .on_change =
                             [where](const Error* problem) {
                                 if (problem != nullptr)
                                     spdlog::warn("the collector at {} does not take what is sent: {}", where,
                                                  printable(problem->what));
                                 else
                                     spdlog::info("the collector at {} takes what is sent again", where);
                             },
                         .read_rejected =
                             [protobuf = signal.protobuf](std::string_view answer) {
                                 auto partial = parse_otlp_answer(answer, protobuf);
                                 return HttpRejected{.count = partial.rejected,
                                                     .message = std::move(partial.message)};
                             },
                         .on_rejected =
                             [where, what](const HttpRejected& rejected) {
                                 spdlog::warn(
                                     "the collector at {} left out {} {} of what it took: '{}' (said once; "
                                     "/metrics counts them)",
                                     where, rejected.count, what, printable(rejected.message));
                             }};
}

Result<OutboxPlan> make_plan(const OtlpSettings& settings, const OtlpExport::MakeMetrics& make_metrics) {
    const OtlpResource resource{.attributes = settings.resource, .version = COROTRACE_VERSION};
    OutboxPlan plan;
    if (settings.logs) {
        CT_TRY(OutboxAddress address, make_address(*settings.logs, "log records"));
        plan.records.emplace(std::move(address));
        plan.join = [resource, protobuf = settings.logs->protobuf](const std::vector<std::string>& records) {
            auto json = join_otlp_records(resource, records);
            return protobuf ? encode_otlp_logs(json) : json;
        };
    }
    if (settings.metrics) {
        CT_TRY(OutboxAddress address, make_address(*settings.metrics, "data points of metrics"));
        plan.snapshots.emplace(std::move(address));
        plan.take_snapshot = [resource, make_metrics, protobuf = settings.metrics->protobuf] {
            auto json = make_metrics(resource);
            return protobuf ? encode_otlp_metrics(json) : json;
        };
        plan.snapshot_every = settings.metrics_every;
    }
    return plan;
}

}  // namespace

Status OtlpExport::send_to(const std::optional<OtlpSettings>& settings) {
    if (settings == settings_) return {};
    std::optional<HttpOutbox> next;
    if (settings) {
        CT_TRY(OutboxPlan plan, make_plan(*settings, make_metrics_));
        CT_TRY(HttpOutbox outbox, HttpOutbox::start(std::move(plan)));
        next.emplace(std::move(outbox));
        for (const std::string& fault : settings->faults)
            spdlog::warn("{}; it is left out", printable(fault));
    }
    leave(kChange);
    const std::lock_guard lock(mutex_);
    if (next) outbox_.emplace(std::move(*next));
    takes_records_ = settings && settings->logs;
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
    return outbox_ && takes_records_;
}

void OtlpExport::put(std::string record) {
    const std::lock_guard lock(mutex_);
    if (outbox_ && takes_records_) outbox_->put(std::move(record));
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
