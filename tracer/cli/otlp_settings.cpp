// SPDX-License-Identifier: MIT
#include "tracer/cli/otlp_settings.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <climits>
#include <string_view>

#include "tracer/process/text_file.hpp"

namespace corotrace::cli {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
constexpr std::chrono::milliseconds kLeastInterval{1000};
constexpr std::chrono::milliseconds kMostInterval = std::chrono::hours(24);

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string_view trim(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::optional<std::string> decode_percent(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned value = 0;
        const auto digits = text.substr(i + 1, 2);
        const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (digits.size() != 2 || problem != std::errc() || end != digits.data() + 2) return std::nullopt;
        out += static_cast<char>(value);
        i += 2;
    }
    return out;
}

// "key=value,key=value". Null: it is something else.
std::optional<Pairs> parse_pairs(std::string_view text) {
    Pairs pairs;
    for (const std::string_view part : split_text(text, ',')) {
        if (trim(part).empty()) continue;
        const auto equals = part.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        auto value = decode_percent(trim(part.substr(equals + 1)));
        const std::string key(trim(part.substr(0, equals)));
        if (key.empty() || !value) return std::nullopt;
        pairs.emplace_back(key, std::move(*value));
    }
    return pairs;
}

// Of the request itself; or what a header cannot be (RFC 9110, 5.1 and 5.5).
bool is_header(const std::string& name, const std::string& value) {
    constexpr std::array<std::string_view, 5> kOurs = {"host", "content-length", "content-type", "connection",
                                                       "transfer-encoding"};
    std::string small = name;
    std::ranges::transform(small, small.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    const auto may_be_in_name = [](char c) {
        return is_letter_or_digit(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    };
    const auto may_be_in_value = [](char c) { return c == '\t' || (c >= ' ' && c <= '~'); };
    return std::ranges::find(kOurs, small) == kOurs.end() && std::ranges::all_of(name, may_be_in_name) &&
           std::ranges::all_of(value, may_be_in_value);
}

class SettingsReader {
public:
    explicit SettingsReader(const Environment& environment) : environment_(environment) {}

    // Empty counts as not set, as the specification has it.
    [[nodiscard]] std::string variable(std::string_view name) const {
        const char* value = environment_(std::string(name));
        return value == nullptr ? "" : value;
    }
    Pairs pairs(std::string_view name) {
        auto pairs = parse_pairs(variable(name));
        if (!pairs) fault(name, "is no list of key=value, with commas between them");
        return pairs.value_or(Pairs{});
    }
    Pairs headers() {
        constexpr std::string_view kName = "OTEL_EXPORTER_OTLP_HEADERS";
        Pairs all = pairs(kName);
        const auto wrong =
            std::ranges::find_if(all, [](const auto& one) { return !is_header(one.first, one.second); });
        if (wrong == all.end()) return all;
        fault(kName, "has a header that cannot be set");
        return {};
    }
    Pairs resource() {
        Pairs all = pairs("OTEL_RESOURCE_ATTRIBUTES");
        const auto find = [&](std::string_view key) {
            return std::ranges::find(all, key, &Pairs::value_type::first);
        };
        const std::string name = variable("OTEL_SERVICE_NAME");
        if (const auto given = find("service.name"); given == all.end())
            all.emplace_back("service.name", name.empty() ? "unknown_service:corotrace" : name);
        else if (!name.empty())
            given->second = name;
        std::array<char, HOST_NAME_MAX + 1> host{};
        if (find("host.name") == all.end() && ::gethostname(host.data(), host.size() - 1) == 0)
            all.emplace_back("host.name", host.data());
        return all;
    }
    std::chrono::milliseconds interval() {
        constexpr std::string_view kName = "OTEL_METRIC_EXPORT_INTERVAL";
        const std::string text = variable(kName);
        std::int64_t number = 0;
        const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (text.empty()) return OtlpSettings{}.metrics_every;
        if (problem == std::errc() && end == text.data() + text.size() && number >= kLeastInterval.count() &&
            number <= kMostInterval.count())
            return std::chrono::milliseconds(number);
        fault(kName, "is no number of milliseconds from 1000 to a day");
        return OtlpSettings{}.metrics_every;
    }
    bool wants_protobuf() {
        constexpr std::string_view kName = "OTEL_EXPORTER_OTLP_PROTOCOL";
        const std::string name = variable(kName);
        if (!name.empty() && name != "http/json" && name != "http/protobuf")
            fault(kName,
                  "asks for what is not spoken here (http/json and http/protobuf are): http/json is sent");
        return name == "http/protobuf";
    }
    [[nodiscard]] std::vector<std::string> faults() { return std::move(faults_); }

private:
    void fault(std::string_view name, std::string_view what) {
        faults_.push_back(std::string(name) + " " + std::string(what));
    }

    const Environment& environment_;
    std::vector<std::string> faults_;
};

}  // namespace

Result<std::optional<OtlpSettings>> read_otlp_settings(const Arguments& arguments,
                                                       const Environment& environment) {
    SettingsReader reader(environment);
    if (reader.variable("OTEL_SDK_DISABLED") == "true") return std::optional<OtlpSettings>();
    Given given{reader.variable(kEndpoint), std::string(kEndpoint)};
    if (const auto own = arguments.value("--otlp-endpoint"))
        given = *own;
    else if (given.text.empty())
        return std::optional<OtlpSettings>();
    OtlpSettings settings;
    auto url = HttpUrl::parse(given.text);
    if (!url) return std::move(url).error().in(given.origin);
    settings.server.url = std::move(url).value();
    settings.server.headers = reader.headers();
    settings.server.authorities = reader.variable("OTEL_EXPORTER_OTLP_CERTIFICATE");
    settings.resource = reader.resource();
    settings.metrics_every = reader.interval();
    settings.protobuf = reader.wants_protobuf();
    settings.faults = reader.faults();
    return std::optional(std::move(settings));
}

}  // namespace corotrace::cli
