// SPDX-License-Identifier: MIT
// What is sent in Protobuf's binary form, byte for byte; the same bytes were read by the package
// opentelemetry-proto.
#include "tracer/report/otlp_protobuf.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/findings.hpp"
#include "tracer/report/otlp.hpp"

namespace corotrace::report_otlp_protobuf_test {

namespace {

std::string to_hex(const std::string& bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 15U];
    }
    return text;
}

TEST_CASE("OTLP in binary: texts, numbers, lists and messages in each other") {
    CHECK(
        to_hex(encode_otlp_logs(
            R"({"resourceLogs":[{"resource":{"attributes":[{"key":"a","value":{"intValue":"300"}}]}}]})")) ==
        "0a0c0a0a0a080a0161120318ac02");
    CHECK(to_hex(encode_otlp_logs(
              R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1","severityNumber":13,)"
              R"("body":{"stringValue":"x"},"eventName":"e"},{}]}]}]})")) ==
          "0a19"
          "1217"
          "1213"
          "090100000000000000"
          "100d"
          "2a030a0178"
          "620165"
          "1200");
}

TEST_CASE("OTLP in binary: what is no request is empty, whatever it is") {
    for (const char* wrong :
         {"", "x", "[]", "7", "{", R"({"resourceLogs":7})", R"({"resourceLogs":[[1]]})"}) {
        INFO(wrong);
        CHECK(encode_otlp_metrics(wrong).empty());
    }
    CHECK(encode_otlp_logs(R"({"resourceLogs":[]})").empty());
}

TEST_CASE("OTLP in binary: a record has all that its JSON has") {
    const std::string record = format_otlp_record(test::make_ordinary_finding(), {});
    const std::string logs =
        encode_otlp_logs(join_otlp_records({.attributes = {}, .version = "0.0.0"}, {record}));
    const std::string json = join_otlp_records({.attributes = {}, .version = "0.0.0"}, {record});
    CHECK(logs.size() < json.size());
    for (const char* text : {"corotrace.fingerprint", "code.file.path", "corotrace.site", "WARN"})
        CHECK(logs.find(text) != std::string::npos);
}

}  // namespace

}  // namespace corotrace::report_otlp_protobuf_test
