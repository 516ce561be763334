// SPDX-License-Identifier: MIT
#include "tracer/report/otlp_protobuf.hpp"

#include <bit>
#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>

namespace corotrace {

namespace {

using nlohmann::json;

enum class WireKind : std::uint8_t { kText, kVarint, kFixed64, kDouble, kMessage };

struct Message;

struct Field {
    std::string_view name;  // in JSON
    std::uint32_t number = 0;
    WireKind kind = WireKind::kText;
    const Message* message = nullptr;  // of kMessage
};

struct Message {
    std::span<const Field> fields;
};

constexpr Field kAnyValueFields[] = {{"stringValue", 1}, {"intValue", 3, WireKind::kVarint}};
constexpr Message kAnyValue{kAnyValueFields};
constexpr Field kKeyValueFields[] = {{"key", 1}, {"value", 2, WireKind::kMessage, &kAnyValue}};
constexpr Message kKeyValue{kKeyValueFields};
constexpr Field kResourceFields[] = {{"attributes", 1, WireKind::kMessage, &kKeyValue}};
constexpr Message kResource{kResourceFields};
constexpr Field kScopeFields[] = {{"name", 1}, {"version", 2}};
constexpr Message kScope{kScopeFields};

constexpr Field kLogRecordFields[] = {{"timeUnixNano", 1, WireKind::kFixed64},
                                      {"severityNumber", 2, WireKind::kVarint},
                                      {"severityText", 3},
                                      {"body", 5, WireKind::kMessage, &kAnyValue},
                                      {"attributes", 6, WireKind::kMessage, &kKeyValue},
                                      {"observedTimeUnixNano", 11, WireKind::kFixed64},
                                      {"eventName", 12}};
constexpr Message kLogRecord{kLogRecordFields};
constexpr Field kScopeLogsFields[] = {{"scope", 1, WireKind::kMessage, &kScope},
                                      {"logRecords", 2, WireKind::kMessage, &kLogRecord}};
constexpr Message kScopeLogs{kScopeLogsFields};
constexpr Field kResourceLogsFields[] = {{"resource", 1, WireKind::kMessage, &kResource},
                                         {"scopeLogs", 2, WireKind::kMessage, &kScopeLogs}};
constexpr Message kResourceLogs{kResourceLogsFields};
constexpr Field kLogsFields[] = {{"resourceLogs", 1, WireKind::kMessage, &kResourceLogs}};
constexpr Message kLogs{kLogsFields};

constexpr Field kPointFields[] = {{"startTimeUnixNano", 2, WireKind::kFixed64},
                                  {"timeUnixNano", 3, WireKind::kFixed64},
                                  {"asDouble", 4, WireKind::kDouble},
                                  {"asInt", 6, WireKind::kFixed64},
                                  {"attributes", 7, WireKind::kMessage, &kKeyValue}};
constexpr Message kPoint{kPointFields};
constexpr Field kSumFields[] = {{"dataPoints", 1, WireKind::kMessage, &kPoint},
                                {"aggregationTemporality", 2, WireKind::kVarint},
                                {"isMonotonic", 3, WireKind::kVarint}};
constexpr Message kSum{kSumFields};
constexpr Field kMetricFields[] = {
    {"name", 1}, {"description", 2}, {"unit", 3}, {"sum", 7, WireKind::kMessage, &kSum}};
constexpr Message kMetric{kMetricFields};
constexpr Field kScopeMetricsFields[] = {{"scope", 1, WireKind::kMessage, &kScope},
                                         {"metrics", 2, WireKind::kMessage, &kMetric}};
constexpr Message kScopeMetrics{kScopeMetricsFields};
constexpr Field kResourceMetricsFields[] = {{"resource", 1, WireKind::kMessage, &kResource},
                                            {"scopeMetrics", 2, WireKind::kMessage, &kScopeMetrics}};
constexpr Message kResourceMetrics{kResourceMetricsFields};
constexpr Field kMetricsFields[] = {{"resourceMetrics", 1, WireKind::kMessage, &kResourceMetrics}};
constexpr Message kMetrics{kMetricsFields};

// Wire types of Protobuf.
constexpr std::uint32_t kWireVarint = 0;
constexpr std::uint32_t kWireFixed64 = 1;
constexpr std::uint32_t kWireBytes = 2;

void put_varint(std::uint64_t value, std::string& out) {
    for (; value >= 0x80U; value >>= 7U) out += static_cast<char>((value & 0x7fU) | 0x80U);
    out += static_cast<char>(value);
}

void put_tag(std::uint32_t number, std::uint32_t wire, std::string& out) {
    put_varint(number << 3U | wire, out);
}

void put_fixed64(std::uint64_t value, std::string& out) {
    for (unsigned byte = 0; byte < 8; ++byte) out += static_cast<char>(value >> (8U * byte));
}

void put_bytes(std::uint32_t number, std::string_view bytes, std::string& out) {
    put_tag(number, kWireBytes, out);
    put_varint(bytes.size(), out);
    out += bytes;
}

// Of 64 bits, which are a string in JSON; a truth value is one, too.
std::uint64_t read_integer(const json& value) {
    if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
    if (value.is_number_integer()) return static_cast<std::uint64_t>(value.get<std::int64_t>());
    if (!value.is_string()) return 0;
    const auto& text = value.get_ref<const std::string&>();
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return static_cast<std::uint64_t>(number);
}

std::string encode_message(const Message& message, const json& object);

void put_field(const Field& field, const json& value, std::string& out) {
    switch (field.kind) {
        case WireKind::kText:
            if (value.is_string()) put_bytes(field.number, value.get_ref<const std::string&>(), out);
            return;
        case WireKind::kVarint:
            put_tag(field.number, kWireVarint, out);
            put_varint(read_integer(value), out);
            return;
        case WireKind::kFixed64:
            put_tag(field.number, kWireFixed64, out);
            put_fixed64(read_integer(value), out);
            return;
        case WireKind::kDouble:
            if (!value.is_number()) return;
            put_tag(field.number, kWireFixed64, out);
            put_fixed64(std::bit_cast<std::uint64_t>(value.get<double>()), out);
            return;
        case WireKind::kMessage:
            put_bytes(field.number, encode_message(*field.message, value), out);
            return;
    }
}

// The depth is that of the messages, whatever the object is.
std::string encode_message(const Message& message, const json& object) {
    std::string out;
    if (!object.is_object()) return out;
    for (const Field& field : message.fields) {
        const auto found = object.find(field.name);
        if (found == object.end()) continue;
        if (!found->is_array()) {
            put_field(field, *found, out);
            continue;
        }
        for (const json& one : *found) put_field(field, one, out);
    }
    return out;
}

std::string encode_request(const Message& message, std::string_view text) {
    const json object = json::parse(text, nullptr, /*allow_exceptions=*/false);
    return object.is_discarded() ? "" : encode_message(message, object);
}

}  // namespace

std::string encode_otlp_logs(std::string_view json) {
    return encode_request(kLogs, json);
}

std::string encode_otlp_metrics(std::string_view json) {
    return encode_request(kMetrics, json);
}

}  // namespace corotrace
