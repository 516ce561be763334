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

constexpr std::chrono::milliseconds kLeastInterval{1000};
constexpr std::chrono::milliseconds kMostInterval = std::chrono::hours(24);
constexpr std::chrono::milliseconds kMostTimeout = std::chrono::minutes(5);

// One of the two signals, as the names of variables have it, and where it goes behind an endpoint for both.
struct SignalName {
    std::string_view name;
    std::string_view path;
};
constexpr SignalName kLogs{"LOGS", "/v1/logs"};
constexpr SignalName kMetrics{"METRICS", "/v1/metrics"};

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
    // Null: it is not to be sent. `base`: the endpoint for both; `only_base`: whatever the variables say.
    // Errors: usage (no such endpoint can be).
    Result<std::optional<OtlpSignal>> signal(const SignalName& which, const Given& base, bool only_base) {
        if (!is_wanted(which)) return std::optional<OtlpSignal>();
        OtlpSignal signal{.server = {}, .path = std::string(which.path)};
        Given endpoint = base;
        const std::string own = "OTEL_EXPORTER_OTLP_" + std::string(which.name) + "_ENDPOINT";
        std::string text = variable(own);
        // What is said of a place that does not count, such as a key, is not for another one.
        const bool overruled = only_base && !text.empty();
        const auto name_of = [&](std::string_view what) { return find_name(which, what, overruled); };
        if (overruled) {
            fault(own, "counts only without --otlp-endpoint");
        } else if (!text.empty()) {
            endpoint = {std::move(text), own};
            signal.path.clear();  // the whole of it stands there
        }
        if (endpoint.text.empty()) return std::optional<OtlpSignal>();
        auto url = HttpUrl::parse(endpoint.text);
        if (!url) return std::move(url).error().in(endpoint.origin);
        signal.server.url = std::move(url).value();
        signal.server.headers = headers(name_of("HEADERS"));
        signal.server.authorities = variable(name_of("CERTIFICATE"));
        signal.protobuf = wants_protobuf(name_of("PROTOCOL"));
        signal.answer_within = milliseconds(name_of("TIMEOUT"), std::chrono::milliseconds(1), kMostTimeout,
                                            signal.answer_within);
        for (const std::string_view what : {"COMPRESSION", "CLIENT_KEY", "CLIENT_CERTIFICATE"}) {
            const std::string name = name_of(what);
            if (const std::string value = variable(name); !value.empty() && value != "none")
                fault(name, "is not supported");
        }
        return std::optional(std::move(signal));
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
        return milliseconds("OTEL_METRIC_EXPORT_INTERVAL", kLeastInterval, kMostInterval,
                            OtlpSettings{}.metrics_every);
    }
    [[nodiscard]] std::vector<std::string> faults() { return std::move(faults_); }

private:
    // The variable that says it of this signal alone, if it is set and not `overruled`, else that for both.
    [[nodiscard]] std::string find_name(const SignalName& which, std::string_view what,
                                        bool overruled) const {
        const std::string prefix = "OTEL_EXPORTER_OTLP_";
        std::string own = prefix + std::string(which.name) + "_" + std::string(what);
        return overruled || variable(own).empty() ? prefix + std::string(what) : own;
    }
    // /metrics is there without being asked for, so that "prometheus" asks for nothing more.
    bool is_wanted(const SignalName& which) {
        const std::string name = "OTEL_" + std::string(which.name) + "_EXPORTER";
        const std::string text = variable(name);
        if (text.empty() || text == "otlp") return true;
        if (text == "none" || (which.name == kMetrics.name && text == "prometheus")) return false;
        fault(name, "is neither otlp nor none");
        return true;
    }
    Pairs headers(const std::string& name) {
        Pairs all = pairs(name);
        const auto wrong =
            std::ranges::find_if(all, [](const auto& one) { return !is_header(one.first, one.second); });
        if (wrong == all.end()) return all;
        fault(name, "has a header that cannot be set");
        return {};
    }
    std::chrono::milliseconds milliseconds(std::string_view name, std::chrono::milliseconds least,
                                           std::chrono::milliseconds most, std::chrono::milliseconds usual) {
        const std::string text = variable(name);
        std::int64_t number = 0;
        const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (text.empty()) return usual;
        if (problem == std::errc() && end == text.data() + text.size() && number >= least.count() &&
            number <= most.count())
            return std::chrono::milliseconds(number);
        fault(name, "is no number of milliseconds from " + std::to_string(least.count()) + " to " +
                        std::to_string(most.count()));
        return usual;
    }
    bool wants_protobuf(const std::string& name) {
        const std::string text = variable(name);
        if (!text.empty() && text != "http/json" && text != "http/protobuf")
            fault(name,
                  "asks for what is not spoken here (http/json and http/protobuf are): http/json is sent");
        return text == "http/protobuf";
    }
    // Each once, for both signals may come to it.
    void fault(std::string_view name, std::string_view what) {
        std::string text = std::string(name) + " " + std::string(what);
        if (std::ranges::find(faults_, text) == faults_.end()) faults_.push_back(std::move(text));
    }

    const Environment& environment_;
    std::vector<std::string> faults_;
};

}  // namespace

Result<std::optional<OtlpSettings>> read_otlp_settings(const Arguments& arguments,
                                                       const Environment& environment) {
    SettingsReader reader(environment);
    if (reader.variable("OTEL_SDK_DISABLED") == "true") return std::optional<OtlpSettings>();
    constexpr std::string_view kEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    const auto own = arguments.value("--otlp-endpoint");
    const Given base = own ? *own : Given{reader.variable(kEndpoint), std::string(kEndpoint)};
    OtlpSettings settings;
    CT_TRY(settings.logs, reader.signal(kLogs, base, own.has_value()));
    CT_TRY(settings.metrics, reader.signal(kMetrics, base, own.has_value()));
    if (!settings.logs && !settings.metrics) return std::optional<OtlpSettings>();
    settings.resource = reader.resource();
    settings.metrics_every = reader.interval();
    settings.faults = reader.faults();
    return std::optional(std::move(settings));
}

}  // namespace corotrace::cli
