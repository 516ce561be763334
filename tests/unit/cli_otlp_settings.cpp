// SPDX-License-Identifier: MIT
#include "tracer/cli/otlp_settings.hpp"

#include "tests/support/catch.hpp"
#include "tracer/cli/serve_options.hpp"

namespace corotrace::cli::cli_otlp_settings_test {

namespace {

using Variables = std::map<std::string, std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

Result<ServeCommand> parse(const Variables& variables, const std::vector<std::string>& words = {}) {
    return parse_serve(words, [&](const std::string& name) {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : found->second.c_str();
    });
}

OtlpSettings settings(const Variables& variables) {
    const auto command = parse(variables, {"--otlp-endpoint", "http://own:1"});
    REQUIRE(command.ok());
    REQUIRE(command->otlp.has_value());
    return *command->otlp;
}

TEST_CASE("to which collector serve sends") {
    const std::string endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    CHECK_FALSE(parse({})->otlp.has_value());
    CHECK_FALSE(parse({{endpoint, ""}})->otlp.has_value());
    CHECK_FALSE(parse({{endpoint, "http://a"}, {"OTEL_SDK_DISABLED", "true"}})->otlp.has_value());
    const auto all = parse({{endpoint, "https://a/b"}});
    CHECK((all->otlp->logs->server.url.describe() == "https://a/b"));
    CHECK((all->otlp->logs->path == "/v1/logs"));
    CHECK((all->otlp->metrics->server.url.describe() == "https://a/b"));
    CHECK((all->otlp->metrics->path == "/v1/metrics"));
    CHECK(all->serve.watch.live_counts);
    CHECK((settings({{endpoint, "http://other"}}).logs->server.url.host == "own"));
    CHECK((parse({{endpoint, "http://a"}, {"COROTRACE_OTLP_ENDPOINT", "http://b"}})
               ->otlp->metrics->server.url.host == "b"));
    const auto wrong = parse({{endpoint, "a:4317"}});
    REQUIRE_FALSE(wrong.ok());
    CHECK(wrong.error().code == Errc::usage);
    CHECK_THAT(wrong.error().what, Catch::Matchers::StartsWith(endpoint + ": 'a:4317'"));
}

TEST_CASE("each signal may have a place of its own, or none") {
    const std::string endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    const std::string logs = "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT";
    const std::string metrics = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
    const auto apart = parse({{endpoint, "http://a"},
                              {logs, "http://b/otlp/logs"},
                              {"OTEL_EXPORTER_OTLP_HEADERS", "key=1"},
                              {"OTEL_EXPORTER_OTLP_LOGS_HEADERS", "key=2"},
                              {"OTEL_EXPORTER_OTLP_CERTIFICATE", "/a.pem"},
                              {"OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE", "/b.pem"},
                              {"OTEL_EXPORTER_OTLP_TIMEOUT", "2000"},
                              {"OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "1000"},
                              {"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "http/protobuf"}})
                           ->otlp;
    REQUIRE(apart.has_value());
    CHECK(apart->faults.empty());
    CHECK((apart->logs->server.url.describe() == "http://b/otlp/logs"));
    CHECK(apart->logs->path.empty());
    CHECK((apart->logs->server.headers == Pairs{{"key", "2"}}));
    CHECK((apart->logs->server.authorities == "/b.pem"));
    CHECK(apart->logs->answer_within == std::chrono::seconds(1));
    CHECK_FALSE(apart->logs->protobuf);
    CHECK((apart->metrics->server.url.describe() + apart->metrics->path == "http://a/v1/metrics"));
    CHECK((apart->metrics->server.headers == Pairs{{"key", "1"}}));
    CHECK((apart->metrics->server.authorities == "/a.pem"));
    CHECK(apart->metrics->answer_within == std::chrono::seconds(2));
    CHECK(apart->metrics->protobuf);

    const auto alone = parse({{metrics, "http://a/otlp"}})->otlp;
    REQUIRE(alone.has_value());
    CHECK_FALSE(alone->logs.has_value());
    CHECK(alone->metrics.has_value());
    // The option is for both, and gets no key of the place that it overrules.
    const auto overruled =
        settings({{metrics, "http://a/otlp"}, {"OTEL_EXPORTER_OTLP_METRICS_HEADERS", "key=3"}});
    CHECK((overruled.metrics->server.url.host == "own"));
    CHECK(overruled.metrics->server.headers.empty());
    CHECK((overruled.faults == std::vector<std::string>{metrics + " counts only without --otlp-endpoint"}));
    CHECK((settings({{"OTEL_EXPORTER_OTLP_METRICS_HEADERS", "key=3"}}).metrics->server.headers ==
           Pairs{{"key", "3"}}));
    const auto wrong = parse({{logs, "b:4317"}});
    REQUIRE_FALSE(wrong.ok());
    CHECK_THAT(wrong.error().what, Catch::Matchers::StartsWith(logs + ": 'b:4317'"));

    CHECK_FALSE(settings({{"OTEL_LOGS_EXPORTER", "none"}}).logs.has_value());
    CHECK_FALSE(settings({{"OTEL_METRICS_EXPORTER", "none"}}).metrics.has_value());
    CHECK_FALSE(settings({{"OTEL_METRICS_EXPORTER", "prometheus"}}).metrics.has_value());
    CHECK(settings({{"OTEL_METRICS_EXPORTER", "otlp"}}).faults.empty());
    const auto other = settings({{"OTEL_LOGS_EXPORTER", "console"}});
    CHECK(other.logs.has_value());
    CHECK((other.faults == std::vector<std::string>{"OTEL_LOGS_EXPORTER is neither otlp nor none"}));
    CHECK_FALSE(
        parse({{endpoint, "http://a"}, {"OTEL_LOGS_EXPORTER", "none"}, {"OTEL_METRICS_EXPORTER", "none"}})
            ->otlp.has_value());
}

TEST_CASE("as whom it sends") {
    const auto has = [](const OtlpSettings& all, const std::string& key, const std::string& value) {
        return std::find(all.resource.begin(), all.resource.end(), std::pair(key, value)) !=
               all.resource.end();
    };
    const std::string attributes = "OTEL_RESOURCE_ATTRIBUTES";
    CHECK(has(settings({}), "service.name", "unknown_service:corotrace"));
    CHECK(has(settings({{"OTEL_SERVICE_NAME", "shop"}}), "service.name", "shop"));
    const auto given = settings({{attributes, " k8s.pod.name = a%2Cb ,service.name=x,host.name=h,"}});
    CHECK((given.resource == Pairs{{"k8s.pod.name", "a,b"}, {"service.name", "x"}, {"host.name", "h"}}));
    CHECK(given.faults.empty());
    CHECK(has(settings({{attributes, "service.name=x"}, {"OTEL_SERVICE_NAME", "y"}}), "service.name", "y"));
    for (const char* wrong : {"a", "=b", "a=%", "a=%4", "a=%zz", "a=b,c"}) {
        INFO(wrong);
        const auto all = settings({{attributes, wrong}});
        CHECK((all.faults ==
               std::vector<std::string>{attributes + " is no list of key=value, with commas between them"}));
        CHECK(has(all, "service.name", "unknown_service:corotrace"));
    }
}

TEST_CASE("headers are what a header can be, and are told to nobody") {
    const std::string name = "OTEL_EXPORTER_OTLP_HEADERS";
    CHECK((settings({{name, "api-key=s3cret,x=a%20b"}}).logs->server.headers ==
           Pairs{{"api-key", "s3cret"}, {"x", "a b"}}));
    for (const char* wrong : {"a=s3cret%0d%0aX:y", "a b=s3cret", "Content-Length=s3cret", "host=s3cret",
                              "s3cret", "a=\xc3\xa4s3cret"}) {
        INFO(wrong);
        const auto all = settings({{name, wrong}});
        CHECK(all.logs->server.headers.empty());
        REQUIRE(all.faults.size() == 1);
        CHECK(all.faults[0].find("s3cret") == std::string::npos);
    }
}

TEST_CASE("how often, and what is not spoken") {
    const std::string interval = "OTEL_METRIC_EXPORT_INTERVAL";
    CHECK(settings({}).metrics_every == std::chrono::minutes(1));
    CHECK(settings({{interval, "2000"}}).metrics_every == std::chrono::seconds(2));
    for (const char* wrong : {"0", "999", "-1", "2s", "99999999999"})
        CHECK(settings({{interval, wrong}}).faults.size() == 1);
    CHECK(settings({{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}}).faults.size() == 1);
    CHECK(settings({{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"}}).faults.empty());
    CHECK_FALSE(settings({{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"}}).logs->protobuf);
    const auto binary = settings({{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"}});
    CHECK(binary.faults.empty());
    CHECK(binary.logs->protobuf);
    CHECK(binary.metrics->protobuf);
    for (const char* wrong : {"0", "1s", "300001"})
        CHECK(settings({{"OTEL_EXPORTER_OTLP_TIMEOUT", wrong}}).faults.size() == 1);
    CHECK((settings({{"OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"}}).faults ==
           std::vector<std::string>{"OTEL_EXPORTER_OTLP_COMPRESSION is not supported"}));
    CHECK(settings({{"OTEL_EXPORTER_OTLP_COMPRESSION", "none"}}).faults.empty());
}

}  // namespace

}  // namespace corotrace::cli::cli_otlp_settings_test
