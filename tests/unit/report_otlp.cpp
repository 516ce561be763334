// SPDX-License-Identifier: MIT
#include "tracer/report/otlp.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/findings.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/json.hpp"
#include "tracer/report/otlp_report.hpp"

namespace corotrace::report_otlp_test {

namespace {

using nlohmann::json;

const OtlpResource kResource{.attributes = {{"service.name", "shop"}, {"host.name", "pod-7"}},
                             .version = "0.0.0"};

std::string indent(const std::string& text) {
    return nlohmann::ordered_json::parse(text).dump(2) + "\n";
}

// The texts and numbers of a list of KeyValue, by key.
std::map<std::string, std::string> read_attributes(const json& object) {
    std::map<std::string, std::string> found;
    for (const json& one : object["attributes"]) {
        const json& value = one["value"].begin().value();
        CHECK(found.emplace(one["key"], value.get<std::string>()).second);
    }
    return found;
}

TEST_CASE("OTLP: log records of sites") {
    const std::vector<std::string> records = {
        format_otlp_record(test::make_ordinary_finding(), {.container = "c0ffee", .pod = "1234-5678"}),
        format_otlp_record(test::make_lost_exception_finding(), {}),
        format_otlp_record(test::make_unknown_finding(), {})};
    test::check_golden("otlp_logs.json", indent(join_otlp_records(kResource, records)));
    const auto last = read_attributes(json::parse(records.back()));
    CHECK(last.count("code.file.path") == 0);  // what is not known is not there
    CHECK(last.at("corotrace.kind") == "asend_never_awaited");
    CHECK(json::parse(join_otlp_records(kResource, {}))["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
              .empty());
}

TEST_CASE("OTLP: of arguments nothing leaves") {
    Finding finding = test::make_ordinary_finding();
    finding.coroutine.arguments = {{"secret_name", "secret_type", "secret_value", false}};
    finding.task->coroutine.arguments = finding.coroutine.arguments;
    const std::string record = format_otlp_record(finding, {});
    CHECK(record.find("secret") == std::string::npos);
}

TEST_CASE("OTLP: hostile findings are JSON, and of bounded size") {
    for (Finding finding : {test::make_hostile_finding(), test::make_hostile_lost_task()}) {
        finding.mistake->sentence = std::string(1'000'000, 'x');
        finding.coroutine.qualname = std::string(999, 'y') + "\xe2\x82\xac\xe2\x82\xac";
        finding.dropped.frames->assign(20'000, finding.dropped.frames->front());
        const std::string record =
            format_otlp_record(finding, {.container = std::string(5000, 'z'), .pod = {}});
        CHECK(record.size() <= kMostOtlpRecordBytes);
        CHECK(std::all_of(record.begin(), record.end(), [](char c) { return c >= ' ' && c <= '~'; }));
        CHECK(read_attributes(json::parse(record)).at("corotrace.coroutine") ==
              std::string(999, 'y') + "...");
    }
}

TEST_CASE("OTLP: metrics") {
    LiveSnapshot counts;
    counts.watched = 2;
    counts.began = 5;
    counts.ended = 3;
    counts.never_awaited = 9'007'199'254'740'993;  // no double has it
    counts.lost_tasks = {.destroyed_pending = 1, .exception_never_retrieved = 2};
    counts.stops = 7;
    counts.pause_total = std::chrono::microseconds(1500);
    counts.sites = {{.first = std::make_shared<const Finding>(test::make_ordinary_finding()), .count = 11},
                    {.first = std::make_shared<const Finding>(test::make_unknown_finding()), .count = 1}};
    counts.other_drops = 4;
    ServiceFacts facts;
    facts.left_alone = 1;
    facts.exported.dropped = 6;
    facts.started = test::golden_time();
    const auto now = test::golden_time() + std::chrono::minutes(1);
    test::check_golden("otlp_metrics.json", indent(format_otlp_metrics(kResource, counts, facts, now)));
    counts.sites.assign(kMostLabelled + 5, {.first = counts.sites[0].first, .count = 1});
    const auto many = json::parse(format_otlp_metrics(kResource, counts, facts, now));
    for (const json& metric : many["resourceMetrics"][0]["scopeMetrics"][0]["metrics"]) {
        if (metric["name"] != "corotrace.site.drops") continue;
        CHECK(metric["sum"]["dataPoints"].size() == kMostLabelled + 1);
        CHECK(metric["sum"]["dataPoints"].back()["asInt"] == "9");
    }
}

class Kept final : public RecordSink {
public:
    [[nodiscard]] bool wants_records() const override { return wants; }
    void put(std::string record) override { records.push_back(std::move(record)); }
    bool wants = true;
    std::vector<std::string> records;
};

TEST_CASE("OTLP: a site is told once over all processes, with where the first of them runs") {
    Kept kept;
    OtlpReport report(kept, [](pid_t pid) {
        return OtlpOrigin{.container = "of " + std::to_string(pid), .pod = std::nullopt};
    });
    const TargetId one{.pid = 1, .generation = 1};
    const TargetId two{.pid = 2, .generation = 1};
    report.on_attached(one, {});
    report.on_attached(two, {});
    Finding finding = test::make_ordinary_finding();
    report.on_finding(two, finding);
    report.on_finding(one, finding);
    report.on_target_end(one, {{.first = finding}, {.first = test::make_unknown_finding()}}, {});
    REQUIRE(kept.records.size() == 2);
    CHECK(read_attributes(json::parse(kept.records[0])).at("container.id") == "of 2");
    CHECK(read_attributes(json::parse(kept.records[1])).at("container.id") == "of 1");
    // Who wants none is told those later that come then.
    finding.fingerprint = "another";
    kept.wants = false;
    report.on_finding(two, finding);
    kept.wants = true;
    report.on_finding(two, finding);
    CHECK(kept.records.size() == 3);
}

}  // namespace

}  // namespace corotrace::report_otlp_test
