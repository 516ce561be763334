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
    CHECK((all->otlp->server.url.describe() == "https://a/b"));
    CHECK(all->serve.watch.live_counts);
    CHECK((settings({{endpoint, "http://other"}}).server.url.host == "own"));
    CHECK((parse({{endpoint, "http://a"}, {"COROTRACE_OTLP_ENDPOINT", "http://b"}})->otlp->server.url.host ==
           "b"));
    const auto wrong = parse({{endpoint, "a:4317"}});
    REQUIRE_FALSE(wrong.ok());
    CHECK(wrong.error().code == Errc::usage);
    CHECK_THAT(wrong.error().what, Catch::Matchers::StartsWith(endpoint + ": 'a:4317'"));
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
    CHECK((settings({{name, "api-key=s3cret,x=a%20b"}}).server.headers ==
           Pairs{{"api-key", "s3cret"}, {"x", "a b"}}));
    for (const char* wrong : {"a=s3cret%0d%0aX:y", "a b=s3cret", "Content-Length=s3cret", "host=s3cret",
                              "s3cret", "a=\xc3\xa4s3cret"}) {
        INFO(wrong);
        const auto all = settings({{name, wrong}});
        CHECK(all.server.headers.empty());
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
    CHECK_FALSE(settings({{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"}}).protobuf);
    const auto binary = settings({{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"}});
    CHECK(binary.faults.empty());
    CHECK(binary.protobuf);
}

}  // namespace

}  // namespace corotrace::cli::cli_otlp_settings_test
