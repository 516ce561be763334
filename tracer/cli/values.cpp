// SPDX-License-Identifier: MIT
#include "tracer/cli/values.hpp"

#include <charconv>
#include <cmath>
#include <limits>

namespace corotrace::cli {
namespace {

constexpr double kTenYearsMs = 10.0 * 366 * 24 * 3600 * 1000;
constexpr int kMaxOriginDepth = 100;  // each frame costs at each coroutine that is made

Error make_usage(const Given& given, const std::string& why) {
    return {Errc::usage, 0, given.origin + ": '" + given.text + "' " + why};
}

// All of `text`, decimal. Nothing: no number, or out of the range of T.
template <typename T>
std::optional<T> parse_number(std::string_view text) {
    T number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace

Result<pid_t> parse_pid(const Given& given) {
    const auto pid = parse_number<pid_t>(given.text);
    if (!pid || *pid <= 0) return make_usage(given, "is not a process id; see what there is: corotrace list");
    return *pid;
}

Result<std::chrono::milliseconds> parse_duration(const Given& given) {
    struct Unit {
        std::string_view name;
        double ms;
    };
    constexpr Unit kUnits[] = {{"", 1e3}, {"ms", 1.0}, {"s", 1e3}, {"m", 60e3}, {"h", 3600e3}};
    const std::string_view text = given.text;
    const std::size_t end = text.find_first_not_of("0123456789.");
    const std::string_view name = end == std::string_view::npos ? "" : text.substr(end);
    const auto number = parse_number<double>(text.substr(0, end));
    for (const Unit& unit : kUnits) {
        if (unit.name != name || !number) continue;
        const double ms = std::ceil(*number * unit.ms);
        if (ms < 1.0 || ms > kTenYearsMs)
            return make_usage(given, "is no time to wait; it must be above zero");
        return std::chrono::milliseconds(static_cast<std::int64_t>(ms));
    }
    return make_usage(given, "is not a time; write seconds, or a number with ms, s, m or h: 90, 2.5s, 10m");
}

Result<std::uint64_t> parse_count(const Given& given) {
    const auto count = parse_number<std::uint64_t>(given.text);
    if (!count || *count == 0) return make_usage(given, "is not a number above zero");
    return *count;
}

Result<std::uint64_t> parse_bandwidth(const Given& given) {
    constexpr double kMebibyte = 1024.0 * 1024.0;
    constexpr double kMost = 1e9;
    const auto number = parse_number<double>(given.text);
    if (!number || !std::isfinite(*number) || *number * kMebibyte < 1.0 || *number > kMost) {
        return make_usage(given, "is no number of MiB a second above zero");
    }
    return static_cast<std::uint64_t>(*number * kMebibyte);
}

Result<double> parse_share(const Given& given) {
    std::string_view text = given.text;
    if (!text.empty() && text.back() == '%') text.remove_suffix(1);
    const auto percent = parse_number<double>(text);
    if (!percent || !std::isfinite(*percent) || *percent <= 0.0 || *percent > 100.0)
        return make_usage(given, "is not a percentage above 0, at most 100");
    return *percent / 100.0;
}

Result<pid_t> find_one_pid(const Arguments& arguments, std::string_view verb) {
    const auto& words = arguments.positionals();
    const auto given = arguments.value("--pid");
    if (words.size() + (given && given->origin == "--pid" ? 1 : 0) > 1)
        return Error{Errc::usage, 0, "one process id at a time"};
    if (!words.empty()) return parse_pid({words[0], "PID"});
    if (given) return parse_pid(*given);
    return Error{Errc::usage, 0, "which process? give its id: corotrace " + std::string(verb) + " PID"};
}

Result<HoldMode> parse_hold(const Given& given) {
    if (given.text == "always") return HoldMode::kAlways;
    if (given.text == "auto") return HoldMode::kAuto;
    if (given.text == "never") return HoldMode::kNever;
    return make_usage(given, "is not one of auto, always, never");
}

Result<ColorMode> parse_color(const Given& given) {
    if (given.text == "auto") return ColorMode::kAuto;
    if (given.text == "always") return ColorMode::kAlways;
    if (given.text == "never") return ColorMode::kNever;
    return make_usage(given, "is not one of auto, always, never");
}

Result<Origin> parse_origin(const Given& given) {
    if (given.text == "auto") return Origin{OriginMode::kAuto, 0};
    if (given.text == "off") return Origin{OriginMode::kOff, 0};
    const auto depth = parse_number<int>(given.text);
    if (!depth || *depth < 1 || *depth > kMaxOriginDepth)
        return make_usage(given, "is not one of auto, off, or a number of frames from 1 to 100");
    return Origin{OriginMode::kDepth, *depth};
}

Result<std::vector<std::string>> read_patterns(const Arguments& arguments, std::string_view name) {
    std::vector<std::string> patterns;
    for (const Given& given : arguments.values(name)) {
        if (given.text.empty()) return Error{Errc::usage, 0, given.origin + ": the pattern is empty"};
        patterns.push_back(given.text);
    }
    return patterns;
}

}  // namespace corotrace::cli
