// SPDX-License-Identifier: MIT
#include "tracer/report/otlp_answer.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

namespace corotrace {

namespace {

using nlohmann::json;

std::uint64_t not_negative(std::int64_t value) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0));
}

// A number, or a string as JSON has those of 64 bits.
std::uint64_t read_count(const json& value) {
    if (value.is_number_integer()) return not_negative(value.get<std::int64_t>());
    if (!value.is_string()) return 0;
    const auto& text = value.get_ref<const std::string&>();
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    return problem == std::errc() && end == text.data() + text.size() ? not_negative(number) : 0;
}

// Arrays and objects in each other, as deep as they are here; more is no answer.
constexpr int kMostDepth = 8;

OtlpPartialSuccess parse_json_answer(std::string_view text) {
    OtlpPartialSuccess partial;
    const auto shallow = [](int depth, json::parse_event_t, json&) { return depth <= kMostDepth; };
    const json answer = json::parse(text, shallow, /*allow_exceptions=*/false);
    if (!answer.is_object()) return partial;
    const auto found = answer.find("partialSuccess");
    if (found == answer.end() || !found->is_object()) return partial;
    for (const char* name : {"rejectedLogRecords", "rejectedDataPoints"}) {
        if (const auto count = found->find(name); count != found->end())
            partial.rejected = read_count(*count);
    }
    const auto message = found->find("errorMessage");
    if (message != found->end() && message->is_string()) partial.message = message->get<std::string>();
    return partial;
}

// Of a message in Protobuf's binary form: its fields, one after the other.
// Source: protobuf.dev/programming-guides/encoding.
class WireReader {
public:
    struct Field {
        std::uint64_t number = 0;
        std::uint64_t value = 0;  // of a varint
        std::string_view bytes;   // of what has a length
    };

    explicit WireReader(std::string_view bytes) : rest_(bytes) {}

    // Null: there is no other one, or it is malformed.
    [[nodiscard]] std::optional<Field> next() {
        const auto tag = take_varint();
        if (!tag) return std::nullopt;
        Field field{.number = *tag >> 3U, .value = 0, .bytes = {}};
        switch (*tag & 7U) {
            case 0: {
                const auto value = take_varint();
                if (!value) return std::nullopt;
                field.value = *value;
                return field;
            }
            case 1:
                return take(8, field);
            case 2: {
                const auto length = take_varint();
                return length ? take(*length, field) : std::nullopt;
            }
            case 5:
                return take(4, field);
            default:
                return std::nullopt;
        }
    }

private:
    std::optional<std::uint64_t> take_varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
            const auto byte = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
            if (byte < 0x80U) return value;
        }
        return std::nullopt;
    }
    std::optional<Field> take(std::uint64_t length, Field field) {
        if (length > rest_.size()) return std::nullopt;
        field.bytes = rest_.substr(0, static_cast<std::size_t>(length));
        rest_.remove_prefix(field.bytes.size());
        return field;
    }

    std::string_view rest_;
};

OtlpPartialSuccess parse_protobuf_answer(std::string_view text) {
    OtlpPartialSuccess partial;
    WireReader answer(text);
    while (const auto outer = answer.next()) {
        if (outer->number != 1) continue;
        WireReader fields(outer->bytes);
        while (const auto field = fields.next()) {
            if (field->number == 1) partial.rejected = not_negative(static_cast<std::int64_t>(field->value));
            if (field->number == 2) partial.message = field->bytes;
        }
    }
    return partial;
}

}  // namespace

OtlpPartialSuccess parse_otlp_answer(std::string_view answer, bool protobuf) {
    auto partial = protobuf ? parse_protobuf_answer(answer) : parse_json_answer(answer);
    if (partial.message.size() > kMostMessageBytes) partial.message.resize(kMostMessageBytes);
    return partial;
}

}  // namespace corotrace
