// SPDX-License-Identifier: MIT
#include "tracer/report/check_report.hpp"
#include "tracer/report/json_values.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string_view>

namespace corotrace {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kStateColumns = 10;

const char* name_of(CheckState state) {
    switch (state) {
        case CheckState::kOk:
            return "ok";
        case CheckState::kWeaker:
            return "weaker";
        case CheckState::kObstacle:
            return "obstacle";
        case CheckState::kUnknown:
            return "unknown";
    }
    return "unknown";
}

Style style_of(CheckState state) {
    switch (state) {
        case CheckState::kOk:
            return Style::kGood;
        case CheckState::kObstacle:
            return Style::kBad;
        case CheckState::kWeaker:
        case CheckState::kUnknown:
            break;
    }
    return Style::kLabel;
}

// Its later lines under its first one.
std::string indent(std::string_view text, std::size_t columns) {
    std::string result;
    for (const char c : text) {
        result += c;
        if (c == '\n') result.append(columns, ' ');
    }
    return result;
}

Json dump_begin(const char* event, const Examination& examination) {
    Json line{{"schema", "corotrace/1"}, {"event", event}, {"pid", nullptr}};
    if (examination.pid) line["pid"] = *examination.pid;
    return line;
}

std::string dump(const Json& line) {
    return format_json(line) + "\n";
}

}  // namespace

std::string format_checks_text(const Examination& examination, const Paint& paint) {
    std::size_t id_columns = 0;
    for (const Check& check : examination.checks) id_columns = std::max(id_columns, check.id.size());
    const std::size_t margin = kStateColumns + id_columns + 2;
    std::string text;
    for (const Check& check : examination.checks) {
        const std::string_view state = name_of(check.state);
        text += paint(style_of(check.state), state) + std::string(kStateColumns - state.size(), ' ');
        text += fmt::format("{:<{}}{}\n", check.id, id_columns + 2, check.found);
        if (check.state == CheckState::kOk || check.state == CheckState::kUnknown) continue;
        text += std::string(margin, ' ') + paint(Style::kLabel, "why") + "  " + check.why + "\n";
        if (!check.fix.empty())
            text += std::string(margin, ' ') + paint(Style::kLabel, "fix") + "  " +
                    indent(check.fix, margin + 5) + "\n";
    }
    if (examination.next) return text + "\nusable; next: " + *examination.next + "\n";
    const auto ids = find_obstacles(examination);
    text += "\nnot usable";
    for (std::size_t i = 0; i < ids.size(); ++i) text += (i == 0 ? ": " : ", ") + ids[i];
    return text + "\n";
}

std::string format_checks_jsonl(const Examination& examination, int status) {
    std::string text;
    for (const Check& check : examination.checks) {
        Json line = dump_begin("check", examination);
        line["id"] = check.id;
        line["state"] = name_of(check.state);
        line["found"] = check.found;
        line["why"] = check.why;
        line["fix"] = check.fix.empty() ? Json(nullptr) : Json(check.fix);
        text += dump(line);
    }
    Json verdict = dump_begin("verdict", examination);
    verdict["usable"] = examination.next.has_value();
    verdict["obstacles"] = find_obstacles(examination);
    verdict["next"] = examination.next ? Json(*examination.next) : Json(nullptr);
    verdict["exit_status"] = status;
    return text + dump(verdict);
}

}  // namespace corotrace
