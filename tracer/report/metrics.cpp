// SPDX-License-Identifier: MIT
#include "tracer/report/metrics.hpp"

#include <fmt/format.h>

#include <utility>

#include "symbols/escape.hpp"
#include "tracer/findings/kind_name.hpp"
#include "tracer/report/site_place.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMostLabelColumns = 160;

using Labels = std::initializer_list<std::pair<std::string_view, std::string>>;

std::string escape_label(std::string_view text) {
    std::string out;
    for (const char c : cut_right(printable(text), kMostLabelColumns)) {
        if (c == '\\' || c == '"') out += '\\';
        out += c;
    }
    return out;
}

class MetricsText {
public:
    explicit MetricsText(MetricsFormat format) : format_(format) {}

    // `name` of a counter is without _total, which its samples have.
    void begin(std::string_view name, bool is_counter, std::string_view help) {
        const bool has_suffix = is_counter && format_ == MetricsFormat::kText;
        const std::string family = std::string(name) + (has_suffix ? "_total" : "");
        out_ +=
            fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", family, is_counter ? "counter" : "gauge", help);
        sample_ = std::string(name) + (is_counter ? "_total" : "");
    }
    template <typename T>
    void add(const Labels& labels, const T& value) {
        out_ += sample_;
        char before = '{';
        for (const auto& [name, text] : labels) {
            out_ += fmt::format("{}{}=\"{}\"", before, name, escape_label(text));
            before = ',';
        }
        if (before == ',') out_ += '}';
        out_ += fmt::format(" {}\n", value);
    }
    template <typename T>
    void gauge(std::string_view name, std::string_view help, const T& value) {
        begin(name, false, help);
        add({}, value);
    }
    template <typename T>
    void counter(std::string_view name, std::string_view help, const T& value) {
        begin(name, true, help);
        add({}, value);
    }
    [[nodiscard]] std::string finish() {
        if (format_ == MetricsFormat::kOpenMetrics) out_ += "# EOF\n";
        return std::move(out_);
    }

private:
    MetricsFormat format_;
    std::string out_;
    std::string sample_;
};

double seconds(std::chrono::microseconds time) {
    return std::chrono::duration<double>(time).count();
}

std::string describe_place(const Finding& finding) {
    const auto place = find_place(finding, "");
    if (!place) return "";
    return place->file + (place->line ? ":" + std::to_string(*place->line) : "");
}

void add_sites(MetricsText& text, const LiveSnapshot& counts) {
    text.begin("corotrace_site_drops", true,
               "Drops at a site; \"other\" are those at sites without labels of their own.");
    std::uint64_t others = counts.other_drops;
    for (std::size_t i = 0; i < counts.sites.size(); ++i) {
        const LiveSite& site = counts.sites[i];
        if (i >= kMostLabelled) {
            others += site.count;
            continue;
        }
        const Finding& first = *site.first;
        text.add({{"fingerprint", first.fingerprint},
                  {"kind", std::string(name_of(first.kind))},
                  {"coroutine", first.coroutine.qualname.value_or("")},
                  {"place", describe_place(first)},
                  {"mistake", first.mistake ? first.mistake->id : ""}},
                 site.count);
    }
    text.add({{"fingerprint", "other"}, {"kind", ""}, {"coroutine", ""}, {"place", ""}, {"mistake", ""}},
             others);
}

void add_service(MetricsText& text, const ServiceFacts& facts) {
    text.begin("corotrace_build_info", false, "The version of corotrace.");
    text.add({{"version", facts.version}}, 1);
    text.counter("corotrace_processes_left_alone", "Processes that could not be watched, each reason once.",
                 facts.left_alone);
    text.counter("corotrace_unwritten_lines", "JSON lines dropped, for their reader was too slow.",
                 facts.unwritten_lines);
    text.counter("corotrace_export_sent_records", "Log records that the collector of --otlp-endpoint took.",
                 facts.exported.sent);
    text.counter("corotrace_export_dropped_records",
                 "Log records that found no room in the queue, or that the collector refused.",
                 facts.exported.dropped);
    text.counter("corotrace_export_failures", "Requests to the collector that failed, each attempt.",
                 facts.exported.failures);
    text.counter("corotrace_export_rejected_points",
                 "Data points of metrics that the collector left out, as it says.",
                 facts.exported.rejected_points);
    text.gauge("corotrace_export_queued_records", "Log records that wait for the collector.",
               facts.exported.queued);
    text.counter("process_cpu_seconds", "Processor time of corotrace itself.", seconds(facts.cpu));
    if (facts.memory_bytes)
        text.gauge("process_resident_memory_bytes", "Memory of corotrace itself.", *facts.memory_bytes);
    text.gauge(
        "process_start_time_seconds", "When corotrace started, since the epoch.",
        seconds(std::chrono::duration_cast<std::chrono::microseconds>(facts.started.time_since_epoch())));
}

}  // namespace

MetricsFormat choose_metrics(std::string_view accept) {
    return accept.find("application/openmetrics-text") != std::string_view::npos ? MetricsFormat::kOpenMetrics
                                                                                 : MetricsFormat::kText;
}

std::string_view content_type(MetricsFormat format) {
    return format == MetricsFormat::kOpenMetrics
               ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
               : "text/plain; version=0.0.4; charset=utf-8";
}

std::string format_metrics(const LiveSnapshot& counts, const ServiceFacts& facts, MetricsFormat format) {
    MetricsText text(format);
    text.gauge("corotrace_watched_processes", "Python processes that are watched now.", counts.watched);
    text.counter("corotrace_programs_begun", "Programs that were watched, those that ended too.",
                 counts.began);
    text.counter("corotrace_programs_ended", "Programs that were watched and have ended.", counts.ended);
    text.counter("corotrace_never_awaited_coroutines", "Coroutines dropped without having been awaited.",
                 counts.never_awaited);
    text.begin("corotrace_lost_tasks", true,
               "Tasks and futures that asyncio reported to its exception handler.");
    text.add({{"kind", "destroyed_pending"}}, counts.lost_tasks.destroyed_pending);
    text.add({{"kind", "exception_never_retrieved"}}, counts.lost_tasks.exception_never_retrieved);
    text.gauge("corotrace_sites", "Sites that are known.", counts.sites.size());
    add_sites(text, counts);
    text.counter("corotrace_stops", "Times that a thread was stopped to sample a drop.", counts.stops);
    text.counter("corotrace_stopped_seconds", "For how long threads were stopped in all.",
                 seconds(counts.pause_total));
    add_service(text, facts);
    return text.finish();
}

}  // namespace corotrace
