// SPDX-License-Identifier: MIT
// The binary answers are what the package opentelemetry-proto writes.
#include "tracer/report/otlp_answer.hpp"

#include "tests/support/catch.hpp"

namespace corotrace::report_otlp_answer_test {

namespace {

using std::string_literals::operator""s;  // NOLINT(misc-unused-using-decls): "..."s

TEST_CASE("what a collector says that it left out, in JSON") {
    const auto parse = [](std::string_view text) { return parse_otlp_answer(text, false); };
    const auto logs = parse(R"({"partialSuccess":{"rejectedLogRecords":"7","errorMessage":"too old"}})");
    CHECK(logs.rejected == 7);
    CHECK((logs.message == "too old"));
    CHECK(parse(R"({"partialSuccess":{"rejectedDataPoints":3}})").rejected == 3);
    CHECK((parse(R"({"partialSuccess":{"errorMessage":"a warning"}})").message == "a warning"));
    for (const char* none : {"", "{}", "[]", "null", "{", "\xff", R"({"partialSuccess":null})",
                             R"({"partialSuccess":[]})", R"({"partialSuccess":{"rejectedLogRecords":-1}})",
                             R"({"partialSuccess":{"rejectedLogRecords":"x"}})",
                             R"({"partialSuccess":{"rejectedLogRecords":1.5,"errorMessage":5}})"}) {
        INFO(none);
        CHECK(parse(none).rejected == 0);
        CHECK(parse(none).message.empty());
    }
    CHECK(parse(std::string(16'000, '[')).rejected == 0);
    const auto endless = R"({"partialSuccess":{"errorMessage":")" + std::string(5000, 'x') + "\"}}";
    CHECK(parse(endless).message.size() == kMostMessageBytes);
}

TEST_CASE("what a collector says that it left out, in binary") {
    const auto parse = [](std::string_view text) { return parse_otlp_answer(text, true); };
    const auto logs = parse("\x0a\x0b\x08\x07\x12\x07too old"s);
    CHECK(logs.rejected == 7);
    CHECK((logs.message == "too old"));
    // Fields that are not known, of each kind, before and behind.
    const auto more = parse(
        "\x1a\x01x\x09"
        "12345678"
        "\x15"
        "1234"
        "\x0a\x05\x20\x01\x08\xac\x02"
        "\x28\x01"s);
    CHECK(more.rejected == 300);
    CHECK(parse("").rejected == 0);
    // Minus one; a length beyond the end; a varint without an end; a group.
    for (const auto& none : {"\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s, "\x0a\x7f\x08\x07"s,
                             "\x0a\x02\x08\xff"s, "\x0b\x08\x07"s, std::string(40, '\xff')}) {
        CHECK(parse(none).rejected == 0);
        CHECK(parse(none).message.empty());
    }
}

}  // namespace

}  // namespace corotrace::report_otlp_answer_test
