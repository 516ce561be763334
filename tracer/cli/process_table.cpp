// SPDX-License-Identifier: MIT
#include "tracer/cli/process_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "symbols/escape.hpp"
#include "tracer/report/json_values.hpp"

namespace corotrace::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kColumns = 9;
using Row = std::array<std::string, kColumns>;
constexpr std::size_t kMostCellColumns = 24;
constexpr std::size_t kIdColumns = 12;  // as docker and kubectl shorten it

std::string join(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

std::string describe_uptime(const std::optional<std::chrono::seconds>& uptime) {
    if (!uptime) return "?";
    const auto seconds = uptime->count();
    if (seconds < 60) return fmt::format("{}s", seconds);
    if (seconds < 3600) return fmt::format("{}m", seconds / 60);
    if (seconds < 86400) return fmt::format("{}h", seconds / 3600);
    return fmt::format("{}d", seconds / 86400);
}

// The pod says more than one of its containers, the unit more than nothing.
std::string describe_place(const std::optional<Cgroup>& cgroup) {
    if (!cgroup) return "-";
    const auto shorten = [](const std::string& id) { return id.substr(0, kIdColumns); };
    const std::string container = cgroup->container ? shorten(*cgroup->container) : "";
    if (cgroup->pod) return "pod " + cgroup->pod->substr(0, 8) + (container.empty() ? "" : "/" + container);
    if (cgroup->container) return cgroup->runtime.value_or("container") + " " + container;
    return cgroup->unit.value_or("-");
}

std::string describe_pid(const ListedProcess& process) {
    std::string pid = std::to_string(process.pid);
    if (!process.own_pid || *process.own_pid == process.pid) return pid;
    return pid + "(" + std::to_string(*process.own_pid) + ")";
}

Row make_row(const ListedProcess& process) {
    return {describe_pid(process),
            printable(process.user.value_or(std::to_string(process.uid))),
            process.version.value_or("?"),
            process.event_loop.value_or("-"),
            std::to_string(process.threads),
            describe_uptime(process.uptime),
            printable(describe_place(process.cgroup)),
            process.obstacle ? "no" : "yes",
            printable(process.command.empty() ? "[" + process.name + "]" : join(process.command))};
}

Json or_null(const std::optional<std::string>& text) {
    return text ? Json(*text) : Json();
}

Json make_cgroup(const std::optional<Cgroup>& cgroup) {
    if (!cgroup) return nullptr;
    return {{"path", cgroup->path},
            {"runtime", or_null(cgroup->runtime)},
            {"container", or_null(cgroup->container)},
            {"pod", or_null(cgroup->pod)},
            {"unit", or_null(cgroup->unit)}};
}

Json make_object(const ListedProcess& process) {
    Json object{{"schema", "corotrace/1"},
                {"event", "process"},
                {"pid", process.pid},
                {"own_pid", nullptr},
                {"name", process.name},
                {"command", process.command},
                {"uid", process.uid},
                {"user", or_null(process.user)},
                {"program", nullptr},
                {"python", or_null(process.version)},
                {"event_loop", or_null(process.event_loop)},
                {"threads", process.threads},
                {"uptime_s", nullptr},
                {"tracer", nullptr},
                {"cgroup", make_cgroup(process.cgroup)},
                {"attachable", !process.obstacle.has_value()},
                {"obstacle", nullptr}};
    if (process.own_pid) object["own_pid"] = *process.own_pid;
    if (!process.program.empty()) object["program"] = process.program;
    if (process.uptime) object["uptime_s"] = process.uptime->count();
    if (process.tracer) object["tracer"] = {{"pid", *process.tracer}, {"name", process.tracer_name}};
    if (process.obstacle) object["obstacle"] = process.obstacle->what;
    return object;
}

}  // namespace

std::string make_process_table(std::span<const ListedProcess> processes, std::size_t columns) {
    std::vector<Row> rows{{"PID", "USER", "PYTHON", "LOOP", "THREADS", "UP", "WHERE", "ATTACH", "COMMAND"}};
    for (const ListedProcess& process : processes) rows.push_back(make_row(process));
    std::array<std::size_t, kColumns> widths{};
    for (Row& row : rows) {
        for (std::size_t i = 0; i + 1 < kColumns; ++i) {
            row[i] = cut_right(row[i], kMostCellColumns);
            widths[i] = std::max(widths[i], display_width(row[i]));
        }
    }
    std::string text;
    for (const Row& row : rows) {
        std::string line;
        for (std::size_t i = 0; i + 1 < kColumns; ++i)
            line += row[i] + std::string(widths[i] - display_width(row[i]) + 2, ' ');
        line += row.back();
        text += (columns > 0 ? cut_right(line, columns) : line) + "\n";
    }
    for (const ListedProcess& process : processes)
        if (process.obstacle) text += "\n" + printable(process.obstacle->what) + "\n";
    return text;
}

std::string make_process_lines(std::span<const ListedProcess> processes) {
    std::string text;
    for (const ListedProcess& process : processes) text += format_json(make_object(process)) + "\n";
    return text;
}

}  // namespace corotrace::cli
