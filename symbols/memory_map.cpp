// SPDX-License-Identifier: MIT
#include "symbols/memory_map.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <map>
#include <optional>
#include <tuple>

#include "symbols/os_error.hpp"
#include "symbols/unique_fd.hpp"

namespace corotrace {

namespace {

// The kernel gives a map in pieces of a page, and the process may have changed it between two of them.
constexpr int kReads = 20;

// seq_file escapes only the newline in maps (Linux fs/proc/task_mmu.c: seq_path(m, ..., "\n")).
constexpr std::string_view kEscapedNewline = "\\012";

// The inode does not tell: System V shared memory with id 0 has inode 0.
bool is_file_name(std::string_view text) {
    return text.starts_with('/');
}

std::string unescaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t at = text.find(kEscapedNewline);
        out.append(text.substr(0, at));
        if (at == std::string_view::npos) break;
        out += '\n';
        text.remove_prefix(at + kEscapedNewline.size());
    }
    return out;
}

// Takes a number and the one character that must follow it off the front of `line`.
std::optional<std::uint64_t> take_number(std::string_view& line, int base, char then) {
    std::uint64_t value = 0;
    const auto [stop, error] = std::from_chars(line.data(), line.data() + line.size(), value, base);
    if (error != std::errc{}) return std::nullopt;
    line.remove_prefix(static_cast<std::size_t>(stop - line.data()));
    if (line.empty() || line.front() != then) return std::nullopt;
    line.remove_prefix(1);
    return value;
}

// "start-end rwxp offset major:minor inode    path": proc(5). The rest of the line is the path as it stands.
std::optional<Mapping> parse_line(std::string_view line, std::string_view& raw_path) {
    Mapping mapping;
    const auto start = take_number(line, 16, '-');
    const auto end = start ? take_number(line, 16, ' ') : std::nullopt;
    if (!end || *end <= *start || line.size() < 5 || line[4] != ' ') return std::nullopt;
    mapping.start = {*start};
    mapping.end = {*end};
    mapping.readable = line[0] == 'r';
    mapping.writable = line[1] == 'w';
    mapping.executable = line[2] == 'x';
    mapping.shared = line[3] == 's';
    line.remove_prefix(5);
    const auto offset = take_number(line, 16, ' ');
    const auto major = offset ? take_number(line, 16, ':') : std::nullopt;
    const auto minor = major ? take_number(line, 16, ' ') : std::nullopt;
    // The kernel writes a blank after the inode even when no path follows.
    const auto inode = minor ? take_number(line, 10, ' ') : std::nullopt;
    if (!inode || *major > UINT32_MAX || *minor > UINT32_MAX) return std::nullopt;
    mapping.file_offset = *offset;
    mapping.device = makedev(static_cast<unsigned>(*major), static_cast<unsigned>(*minor));
    mapping.inode = *inode;
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    raw_path = line;
    mapping.deleted = is_file_name(line) && line.ends_with(kDeletedSuffix);
    if (mapping.deleted) line.remove_suffix(kDeletedSuffix.size());
    mapping.path = unescaped(line);
    return mapping;
}

bool is_ambiguous(const Mapping& mapping, std::string_view raw_path) {
    return is_file_name(raw_path) &&
           (mapping.deleted || raw_path.find(kEscapedNewline) != std::string_view::npos);
}

// Takes the reading of an ambiguous name under which the very file is found in the target's root.
void settle_name(Mapping& mapping, std::string_view raw_path, const std::string& root) {
    const auto is_the_file = [&](const std::string& path) {
        struct stat found {};
        return ::lstat((root + path).c_str(), &found) == 0 && found.st_ino == mapping.inode &&
               found.st_dev == mapping.device;
    };
    for (std::string name : {unescaped(raw_path), std::string(raw_path)}) {
        if (!is_the_file(name)) continue;
        mapping.path = std::move(name);
        mapping.deleted = false;
        return;
    }
}

Result<std::vector<Mapping>> parse_lines(std::string_view text, const std::string* root) {
    if (text.size() > MemoryMap::kMaxBytes) return Error{Errc::unsupported, 0, "memory map is too long"};
    std::vector<Mapping> mappings;
    while (!text.empty()) {
        const std::size_t length = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, length);
        text.remove_prefix(std::min(length + 1, text.size()));
        std::string_view raw_path;
        auto mapping = parse_line(line, raw_path);
        if (!mapping) {
            return Error{Errc::malformed, 0, "line of memory map: " + std::string(line.substr(0, 200))};
        }
        if (!mappings.empty() && mapping->start < mappings.back().end) {
            return Error{Errc::malformed, 0, "memory map is not in ascending order"};
        }
        if (root != nullptr && is_ambiguous(*mapping, raw_path)) settle_name(*mapping, raw_path, *root);
        mappings.push_back(std::move(*mapping));
    }
    return mappings;
}

Error maps_error(const std::string& path, int error) {
    return {errc_of(error), error, "reading " + path};
}

Result<std::string> read_text(const std::string& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.is_open()) return maps_error(path, errno);
    std::string text;
    std::array<char, std::size_t{64} << 10> chunk;
    for (;;) {
        const ssize_t got = ::read(fd.get(), chunk.data(), chunk.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return maps_error(path, errno);
        if (got == 0) return text;
        text.append(chunk.data(), static_cast<std::size_t>(got));
        if (text.size() > MemoryMap::kMaxBytes) return Error{Errc::unsupported, 0, path + " is too long"};
    }
}

// A load begins with the start of its file. In a file so small that code and data share the first page, that
// page comes again within a load: adjacent, and before or as the first writable mapping.
bool begins_next_load(const Mapping& mapping, const std::vector<Mapping>& load) {
    if (mapping.file_offset != 0 || mapping.writable) return false;
    const bool has_code =
        std::any_of(load.begin(), load.end(), [](const Mapping& m) { return m.executable; });
    const bool has_data = std::any_of(load.begin(), load.end(), [](const Mapping& m) { return m.writable; });
    return has_code && (has_data || load.back().end != mapping.start);
}

}  // namespace

bool Module::may_be_loaded() const {
    return std::any_of(mappings.begin(), mappings.end(),
                       [](const Mapping& m) { return m.executable || (m.writable && !m.shared); });
}

Result<MemoryMap> MemoryMap::read(pid_t pid) {
    const std::string folder = "/proc/" + std::to_string(pid);
    const std::string root = folder + "/root";
    for (int left = kReads;; --left) {
        CT_TRY(const std::string text, read_text(folder + "/maps"));
        if (text.empty()) return Error{Errc::gone, 0, "process " + std::to_string(pid) + " has no memory"};
        auto mappings = parse_lines(text, &root);
        if (mappings) return MemoryMap(std::move(mappings).value());
        if (mappings.error().code != Errc::malformed || left <= 1) return std::move(mappings).error();
    }
}

Result<MemoryMap> MemoryMap::parse(std::string_view text) {
    CT_TRY(auto mappings, parse_lines(text, nullptr));
    return MemoryMap(std::move(mappings));
}

Result<MemoryMap> MemoryMap::of(std::vector<Mapping> mappings) {
    RemoteAddr end;
    for (const Mapping& mapping : mappings) {
        if (mapping.start < end || mapping.end <= mapping.start) {
            return Error{Errc::malformed, 0, "memory map is not in ascending order"};
        }
        end = mapping.end;
    }
    return MemoryMap(std::move(mappings));
}

const Mapping* MemoryMap::find(RemoteAddr address) const {
    const auto after = std::upper_bound(mappings_.begin(), mappings_.end(), address,
                                        [](RemoteAddr wanted, const Mapping& m) { return wanted < m.start; });
    if (after == mappings_.begin()) return nullptr;
    const Mapping& before = *std::prev(after);
    return before.contains(address) ? &before : nullptr;
}

std::vector<Module> MemoryMap::modules() const {
    using FileId = std::tuple<std::uint64_t, std::uint64_t, std::string_view>;
    std::vector<Module> modules;
    std::map<FileId, std::size_t> latest;
    for (const Mapping& mapping : mappings_) {
        if (!is_file_name(mapping.path)) continue;
        const auto [entry, is_new] =
            latest.try_emplace({mapping.device, mapping.inode, mapping.path}, modules.size());
        if (is_new || begins_next_load(mapping, modules[entry->second].mappings)) {
            entry->second = modules.size();
            modules.push_back({mapping.path, mapping.deleted, mapping.device, mapping.inode, {}});
        }
        modules[entry->second].mappings.push_back(mapping);
    }
    return modules;
}

}  // namespace corotrace
