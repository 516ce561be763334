// SPDX-License-Identifier: MIT
#include "tracer/process/users.hpp"

#include <algorithm>
#include <charconv>

#include "tracer/process/text_file.hpp"

namespace corotrace {

namespace {

struct Entry {
    std::string_view name;
    std::uint32_t uid = 0;
};

// name:password:uid:...
std::optional<Entry> parse_entry(std::string_view line) {
    const auto name_end = line.find(':');
    if (name_end == std::string_view::npos || name_end == 0) return std::nullopt;
    const auto uid_at = line.find(':', name_end + 1);
    if (uid_at == std::string_view::npos) return std::nullopt;
    Entry entry{line.substr(0, name_end), 0};
    const std::string_view rest = line.substr(uid_at + 1);
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), entry.uid);
    if (error != std::errc() || end == rest.data() + rest.size() || *end != ':') return std::nullopt;
    return entry;
}

template <typename Wanted>
std::optional<Entry> find_entry(std::string_view passwd, Wanted wanted) {
    while (!passwd.empty()) {
        const auto line = passwd.substr(0, passwd.find('\n'));
        passwd.remove_prefix(std::min(line.size() + 1, passwd.size()));
        const auto entry = parse_entry(line);
        if (entry && wanted(*entry)) return entry;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> find_user_name(std::string_view passwd, std::uint32_t uid) {
    const auto entry = find_entry(passwd, [uid](const Entry& other) { return other.uid == uid; });
    return entry ? std::optional(std::string(entry->name)) : std::nullopt;
}

std::optional<std::uint32_t> find_user_id(std::string_view passwd, std::string_view name) {
    const auto entry = find_entry(passwd, [name](const Entry& other) { return other.name == name; });
    return entry ? std::optional(entry->uid) : std::nullopt;
}

std::string read_passwd(const char* path) {
    return read_text_file(path).value_or("");
}

}  // namespace corotrace
