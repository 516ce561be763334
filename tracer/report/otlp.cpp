// SPDX-License-Identifier: MIT
#include "tracer/report/otlp.hpp"

#include <nlohmann/json.hpp>
#include <span>

#include "tracer/report/json_values.hpp"
#include "tracer/report/names.hpp"
#include "tracer/report/phrases.hpp"
#include "tracer/report/site_place.hpp"
#include "tracer/report/traceback.hpp"

namespace corotrace {

namespace {

using Json = nlohmann::ordered_json;
using Time = std::chrono::system_clock::time_point;

constexpr std::size_t kMostText = 1000;
constexpr std::size_t kMostTrace = 8000;
constexpr int kWarn = 13;  // SeverityNumber
constexpr int kError = 17;
constexpr int kCumulative = 2;  // AggregationTemporality

// Numbers of 64 bits are strings in the JSON of Protobuf.
std::string convert_time(Time time) {
    return std::to_string(
        std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

// UTF-8 is cut between characters.
std::string cut(std::string_view text, std::size_t most) {
    if (text.size() <= most) return std::string(text);
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0U) == 0x80U) --most;
    return std::string(text.substr(0, most)) + "...";
}

std::string to_text(const Json& json) {
    return format_json(json);
}

// A list of KeyValue; what is not known is not in it.
class Attributes {
public:
    void add(std::string_view key, std::string_view text, std::size_t most = kMostText) {
        list_.push_back({{"key", key}, {"value", {{"stringValue", cut(text, most)}}}});
    }
    void add_known(std::string_view key, const std::optional<std::string>& text) {
        if (text) add(key, *text);
    }
    void add_number(std::string_view key, std::int64_t number) {
        list_.push_back({{"key", key}, {"value", {{"intValue", std::to_string(number)}}}});
    }
    void add_frames(std::string_view key, const std::optional<std::vector<Frame>>& frames) {
        if (frames && !frames->empty()) add(key, format_frames(*frames, Paint(false)), kMostTrace);
    }
    void add_place(const Finding& finding) {
        const auto place = find_place(finding, "");
        if (!place) return;
        add("code.function.name", place->function);
        add("code.file.path", place->file);
        if (place->line) add_number("code.line.number", *place->line);
    }
    [[nodiscard]] Json take() { return std::move(list_); }

private:
    Json list_ = Json::array();
};

std::string describe(const Finding& finding) {
    std::string text = describe_headline(finding);
    if (const auto place = find_place(finding, "")) text += " (" + describe_place(*place) + ")";
    if (finding.mistake) text += ": " + finding.mistake->sentence;
    return text;
}

void add_mistake(Attributes& attributes, const Finding& finding) {
    if (!finding.mistake) return;
    attributes.add("corotrace.mistake.id", finding.mistake->id);
    attributes.add("corotrace.mistake.sentence", finding.mistake->sentence);
    attributes.add_known("corotrace.mistake.fix", finding.mistake->fix);
    attributes.add_known("corotrace.mistake.advice", finding.mistake->advice);
}

void add_lost_task(Attributes& attributes, const Finding& finding) {
    if (!finding.lost_task) return;
    attributes.add_known("exception.type", finding.lost_task->exception);
    attributes.add_frames("exception.stacktrace", finding.lost_task->raised);
    attributes.add_known("corotrace.task.name", finding.lost_task->name);
}

Json make_scope(const OtlpResource& resource) {
    return {{"name", "corotrace"}, {"version", resource.version}};
}

Json make_resource(const OtlpResource& resource) {
    Attributes attributes;
    for (const auto& [key, value] : resource.attributes) attributes.add(key, value);
    return {{"attributes", attributes.take()}};
}

// The metrics of one request, which all count from the same time on.
class Sums {
public:
    Sums(Time began, Time now) : began_(convert_time(began)), now_(convert_time(now)) {}

    void begin(std::string_view name, std::string_view unit, std::string_view description,
               bool grows = true) {
        metrics_.push_back({{"name", name},
                            {"description", description},
                            {"unit", unit},
                            {"sum",
                             {{"aggregationTemporality", kCumulative},
                              {"isMonotonic", grows},
                              {"dataPoints", Json::array()}}}});
    }
    void add(std::uint64_t value, Json attributes = Json::array()) {
        put("asInt", std::to_string(value), std::move(attributes));
    }
    void add_seconds(std::chrono::microseconds time) {
        put("asDouble", std::chrono::duration<double>(time).count(), Json::array());
    }
    void counter(std::string_view name, std::string_view unit, std::string_view description,
                 std::uint64_t value) {
        begin(name, unit, description);
        add(value);
    }
    [[nodiscard]] Json take() { return std::move(metrics_); }

private:
    void put(const char* key, Json value, Json attributes) {
        Json point{{"startTimeUnixNano", began_}, {"timeUnixNano", now_}};
        point[key] = std::move(value);
        if (!attributes.empty()) point["attributes"] = std::move(attributes);
        metrics_.back()["sum"]["dataPoints"].push_back(std::move(point));
    }

    const std::string began_;
    const std::string now_;
    Json metrics_ = Json::array();
};

Json describe_site(const Finding& first) {
    Attributes attributes;
    attributes.add("corotrace.fingerprint", first.fingerprint);
    attributes.add("corotrace.kind", name_of(first.kind));
    attributes.add_known("corotrace.coroutine", first.coroutine.qualname);
    if (first.mistake) attributes.add("corotrace.mistake.id", first.mistake->id);
    attributes.add_place(first);
    return attributes.take();
}

Json make_attribute(std::string_view key, std::string_view value) {
    Attributes attributes;
    attributes.add(key, value);
    return attributes.take();
}

void add_sites(Sums& sums, const LiveSnapshot& counts) {
    sums.begin("corotrace.site.drops", "{drop}",
               "Drops at a site; \"other\" are those at sites without attributes of their own.");
    std::uint64_t others = counts.other_drops;
    for (std::size_t i = 0; i < counts.sites.size(); ++i) {
        const LiveSite& site = counts.sites[i];
        if (i < kMostLabelled)
            sums.add(site.count, describe_site(*site.first));
        else
            others += site.count;
    }
    sums.add(others, make_attribute("corotrace.fingerprint", "other"));
}

void add_lost_tasks(Sums& sums, const LostTaskCounts& lost) {
    sums.begin("corotrace.lost_tasks", "{task}",
               "Tasks and futures that asyncio reported to its exception handler.");
    sums.add(lost.destroyed_pending, make_attribute("corotrace.kind", "destroyed_pending"));
    sums.add(lost.exception_never_retrieved, make_attribute("corotrace.kind", "exception_never_retrieved"));
}

}  // namespace

std::string format_otlp_record(const Finding& finding, const OtlpOrigin& origin) {
    Attributes attributes;
    attributes.add_place(finding);
    attributes.add_frames("code.stacktrace", finding.dropped.frames);
    add_lost_task(attributes, finding);
    attributes.add_number("process.pid", finding.pid);
    attributes.add_known("container.id", origin.container);
    attributes.add_known("k8s.pod.uid", origin.pod);
    attributes.add("corotrace.fingerprint", finding.fingerprint);
    attributes.add("corotrace.kind", name_of(finding.kind));
    attributes.add_known("corotrace.coroutine", finding.coroutine.qualname);
    add_mistake(attributes, finding);
    if (const auto cause = name_of(finding.dropped.cause)) attributes.add("corotrace.cause", *cause);
    const bool is_error = finding.lost_task && finding.lost_task->exception;
    const std::string time = convert_time(finding.time);
    return to_text({{"timeUnixNano", time},
                    {"observedTimeUnixNano", time},
                    {"severityNumber", is_error ? kError : kWarn},
                    {"severityText", is_error ? "ERROR" : "WARN"},
                    {"eventName", "corotrace.site"},
                    {"body", {{"stringValue", cut(describe(finding), 2 * kMostText)}}},
                    {"attributes", attributes.take()}});
}

std::string join_otlp_records(const OtlpResource& resource, const std::vector<std::string>& records) {
    // They are JSON already.
    std::string text = R"({"resourceLogs":[{"resource":)" + to_text(make_resource(resource)) +
                       R"(,"scopeLogs":[{"scope":)" + to_text(make_scope(resource)) + R"(,"logRecords":[)";
    for (const std::string& record : records) {
        if (&record != &records.front()) text += ',';
        text += record;
    }
    return text + "]}]}]}";
}

std::string format_otlp_metrics(const OtlpResource& resource, const LiveSnapshot& counts,
                                const ServiceFacts& facts, Time now) {
    Sums sums(facts.started, now);
    sums.counter("corotrace.never_awaited_coroutines", "{coroutine}",
                 "Coroutines dropped without having been awaited.", counts.never_awaited);
    add_lost_tasks(sums, counts.lost_tasks);
    add_sites(sums, counts);
    sums.begin("corotrace.watched_processes", "{process}", "Python processes that are watched now.", false);
    sums.add(counts.watched);
    sums.counter("corotrace.programs_begun", "{program}", "Programs that were watched, those that ended too.",
                 counts.began);
    sums.counter("corotrace.programs_ended", "{program}", "Programs that were watched and have ended.",
                 counts.ended);
    sums.counter("corotrace.processes_left_alone", "{process}",
                 "Processes that could not be watched, each reason once.", facts.left_alone);
    sums.counter("corotrace.stops", "{stop}", "Times that a thread was stopped to sample a drop.",
                 counts.stops);
    sums.begin("corotrace.stopped_time", "s", "For how long threads were stopped in all.");
    sums.add_seconds(counts.pause_total);
    sums.counter("corotrace.unwritten_lines", "{line}", "JSON lines dropped, for their reader was too slow.",
                 facts.unwritten_lines);
    sums.counter("corotrace.export.dropped_records", "{record}",
                 "Log records that did not reach the collector.", facts.exported.dropped);
    Json scope{{"scope", make_scope(resource)}};
    scope["metrics"] = sums.take();
    Json body{{"resource", make_resource(resource)}};
    body["scopeMetrics"] = Json::array({std::move(scope)});
    Json all;
    all["resourceMetrics"] = Json::array({std::move(body)});
    return to_text(all);
}

}  // namespace corotrace
