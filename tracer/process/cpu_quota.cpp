// SPDX-License-Identifier: MIT
#include "tracer/process/cpu_quota.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string>
#include <vector>

#include "tracer/process/text_file.hpp"

namespace corotrace {

namespace {

// Where groups that limit the processor are mounted.
struct Hierarchy {
    std::string folder;
    std::string root;  // the group that is seen there
    bool is_v2 = false;
};

struct Limit {
    double cores = 0;
    std::string folder;
};

bool has_word(std::string_view list, std::string_view word) {
    const auto words = split_text(list, ',');
    return std::find(words.begin(), words.end(), word) != words.end();
}

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end == text.data()) return std::nullopt;
    return number;
}

// proc_pid_mountinfo(5): id parent device root point options [tags] - type source options.
std::vector<Hierarchy> find_hierarchies(std::string_view mounts) {
    std::vector<Hierarchy> found;
    for (const std::string_view line : split_text(mounts, '\n')) {
        const auto words = split_text(line, ' ');
        const auto dash = std::find(words.begin(), words.end(), "-");
        if (words.size() < 6 || words.end() - dash < 4) continue;
        const bool is_v2 = dash[1] == "cgroup2";
        if (!is_v2 && !(dash[1] == "cgroup" && has_word(dash[3], "cpu"))) continue;
        found.push_back({.folder = std::string(words[4]), .root = std::string(words[3]), .is_v2 = is_v2});
    }
    return found;
}

// The group's path in that hierarchy: "0::/a" or "4:cpu,cpuacct:/a".
std::optional<std::string> find_group(std::string_view cgroup, const Hierarchy& hierarchy) {
    for (const std::string_view line : split_text(cgroup, '\n')) {
        const auto id_end = line.find(':');
        const auto path_at = id_end == std::string_view::npos ? id_end : line.find(':', id_end + 1);
        if (path_at == std::string_view::npos) continue;
        const std::string_view controllers = line.substr(id_end + 1, path_at - id_end - 1);
        if (!(hierarchy.is_v2 ? controllers.empty() : has_word(controllers, "cpu"))) continue;
        std::string_view path = line.substr(path_at + 1);
        // A container's mount begins at its own group.
        if (hierarchy.root.size() > 1) {
            if (!path.starts_with(hierarchy.root)) return std::nullopt;
            path.remove_prefix(hierarchy.root.size());
        }
        return std::string(path == "/" ? "" : path);
    }
    return std::nullopt;
}

// cpu.max has "max 100000" or "5000 100000", cpu.cfs_quota_us -1 or microseconds a period.
std::optional<double> read_cores(const Hierarchy& hierarchy, const std::string& folder) {
    const auto limit = read_text_file(folder + (hierarchy.is_v2 ? "/cpu.max" : "/cpu.cfs_quota_us"));
    if (!limit) return std::nullopt;
    const auto quota = parse_number<std::int64_t>(*limit);
    const auto blank = limit->find(' ');
    std::string period_text = blank == std::string::npos ? "" : limit->substr(blank + 1);
    if (!hierarchy.is_v2) period_text = read_text_file(folder + "/cpu.cfs_period_us").value_or("");
    const auto period = parse_number<std::int64_t>(period_text);
    if (!quota || *quota <= 0 || !period || *period <= 0) return std::nullopt;
    return static_cast<double>(*quota) / static_cast<double>(*period);
}

std::optional<std::uint64_t> find_value(std::string_view stat, std::string_view key) {
    for (const std::string_view line : split_text(stat, '\n'))
        if (line.starts_with(key) && line.size() > key.size() && line[key.size()] == ' ')
            return parse_number<std::uint64_t>(line.substr(key.size() + 1));
    return std::nullopt;
}

std::optional<Limit> find_tightest(const Hierarchy& hierarchy, std::string group) {
    std::optional<Limit> tightest;
    while (true) {
        const std::string folder = hierarchy.folder + group;
        const auto cores = read_cores(hierarchy, folder);
        if (cores && (!tightest || *cores < tightest->cores)) tightest = Limit{*cores, folder};
        if (group.empty()) return tightest;
        group.resize(std::min(group.rfind('/'), group.size()));
    }
}

}  // namespace

std::string describe_cores(double cores) {
    return std::to_string(static_cast<int>(cores * 1000 + 0.5)) + "m";
}

std::optional<CpuQuota> find_cpu_quota(std::string_view cgroup, std::string_view mounts) {
    std::optional<CpuQuota> found;
    std::optional<Limit> tightest;
    for (const Hierarchy& hierarchy : find_hierarchies(mounts)) {
        const auto group = find_group(cgroup, hierarchy);
        if (!group) continue;
        if (::access((hierarchy.folder + *group).c_str(), R_OK) != 0) continue;
        if (!found) found.emplace();
        const auto limit = find_tightest(hierarchy, *group);
        if (limit && (!tightest || limit->cores < tightest->cores)) tightest = limit;
    }
    if (!tightest) return found;
    const std::string stat = read_text_file(tightest->folder + "/cpu.stat").value_or("");
    return CpuQuota{.cores = tightest->cores,
                    .periods = find_value(stat, "nr_periods"),
                    .throttled = find_value(stat, "nr_throttled")};
}

std::optional<CpuQuota> read_cpu_quota(pid_t pid) {
    const auto cgroup = read_text_file("/proc/" + std::to_string(pid) + "/cgroup");
    const auto mounts = read_text_file("/proc/self/mountinfo");
    if (!cgroup || !mounts) return std::nullopt;
    return find_cpu_quota(*cgroup, *mounts);
}

}  // namespace corotrace
