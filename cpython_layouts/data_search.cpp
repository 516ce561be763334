// SPDX-License-Identifier: MIT
#include "cpython_layouts/data_search.hpp"

#include <algorithm>
#include <string>

#include "symbols/bytes.hpp"

namespace corotrace {

namespace {

constexpr std::uint64_t kChunkBytes = std::uint64_t{256} * 1024;
constexpr std::uint64_t kOverlapBytes = 64;
// Of the text of Py_GetVersion(), which gives each of its three parts 80 bytes.
constexpr std::uint64_t kMaxBuildBytes = 160;
constexpr std::uint64_t kMaxCompilerBytes = 96;

// Calls visit(address, bytes) for pieces of the segment; each begins with the last kOverlapBytes of the one
// before, so that a hit across the seam is seen, once or twice.
template <typename Visit>
void for_each_chunk(const RemoteMemory& memory, const Segment& segment, Visit&& visit) {
    const std::uint64_t size = std::min(segment.memory_size, kMaxSearchBytes);
    std::vector<std::byte> buffer;
    for (std::uint64_t at = 0; at < size; at += kChunkBytes) {
        const std::uint64_t before = std::min(at, kOverlapBytes);
        buffer.resize(before + std::min(kChunkBytes, size - at));
        const RemoteAddr start = segment.start + (at - before);
        if (memory.read(start, buffer)) visit(start, ByteView(buffer));
    }
}

void add_hit(std::vector<RemoteAddr>& hits, RemoteAddr hit) {
    if (hits.size() < kMaxSearchHits && (hits.empty() || hits.back() < hit)) hits.push_back(hit);
}

// `before` ends where " (" begins, `after` begins there.
std::optional<PythonVersion> parse_version_around(std::string_view before, std::string_view after) {
    const auto is_part = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.' || c == '+';
    };
    auto start = before.size();
    while (start > 0 && is_part(before[start - 1])) --start;
    const auto token = before.substr(start);
    if (std::count(token.begin(), token.end(), '.') != 2) return std::nullopt;
    // The build in parentheses, then the compiler in brackets, on a line of its own up to 3.9.
    const auto build_end = after.find(')');
    const auto compiler = after.find('[', std::min(build_end, after.size()));
    if (compiler == std::string_view::npos || compiler - build_end > 3) return std::nullopt;
    return parse_version(std::string(token) + std::string(after));
}

}  // namespace

std::vector<RemoteAddr> find_bytes(const RemoteMemory& memory, const Segment& segment,
                                   std::string_view needle) {
    std::vector<RemoteAddr> hits;
    for_each_chunk(memory, segment, [&](RemoteAddr start, ByteView bytes) {
        const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        for (auto at = text.find(needle); at != std::string_view::npos; at = text.find(needle, at + 1)) {
            add_hit(hits, start + at);
        }
    });
    return hits;
}

std::vector<RemoteAddr> find_pointers(const RemoteMemory& memory, const Segment& segment,
                                      std::span<const RemoteAddr> targets) {
    std::vector<RemoteAddr> hits;
    for_each_chunk(memory, segment, [&](RemoteAddr start, ByteView bytes) {
        for (std::size_t at = (8 - start.value % 8) % 8; const auto word = load<std::uint64_t>(bytes, at);
             at += 8) {
            if (std::find(targets.begin(), targets.end(), RemoteAddr{*word}) != targets.end()) {
                add_hit(hits, start + at);
            }
        }
    });
    return hits;
}

std::optional<PythonVersion> find_version_text(const RemoteMemory& memory, const Segment& segment) {
    // Between the build and the compiler, which is on a line of its own up to 3.9. What is shorter is met by
    // chance: addresses of a whole data segment have bytes in common, and more of them than are examined.
    for (const std::string_view seam : {") [", ") \n["}) {
        for (const RemoteAddr hit : find_bytes(memory, segment, seam)) {
            const std::uint64_t before =
                std::min<std::uint64_t>(hit.value - segment.start.value, kMaxBuildBytes);
            std::string text(before + kMaxCompilerBytes, '\0');
            if (!memory.read(RemoteAddr{hit.value - before}, std::as_writable_bytes(std::span(text))))
                continue;
            const std::size_t build = std::string_view(text).substr(0, before).rfind(" (");
            if (build == std::string_view::npos) continue;
            const std::string_view after = std::string_view(text).substr(build);
            const auto version = parse_version_around(std::string_view(text).substr(0, build),
                                                      after.substr(0, after.find('\0')));
            if (version) return version;
        }
    }
    return std::nullopt;
}

std::optional<PythonVersion> find_version_text(const RemoteMemory& memory, const ElfModule& module) {
    for (const auto& segment : module.segments()) {
        if (!segment.writable) continue;
        if (const auto version = find_version_text(memory, segment)) return version;
    }
    return std::nullopt;
}

}  // namespace corotrace
