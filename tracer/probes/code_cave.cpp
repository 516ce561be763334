// SPDX-License-Identifier: MIT
#include "tracer/probes/code_cave.hpp"

#include <elf.h>
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "tracer/process/arch/arch.hpp"
#include "tracer/process/procfs.hpp"

namespace corotrace {

namespace {

constexpr std::uint64_t kCodeAlign = 16;
constexpr std::uint64_t kDataAlign = 64;  // a cache line of its own: the counters are written often

struct Search {
    pid_t pid;
    const ProcessMemory& memory;
    std::optional<RemoteAddr> start_brk;
    RemoteAddr loader;  // load address of the dynamic loader; null in a static program
    bool musl = false;
};

// Where the kernel put the dynamic loader: AT_BASE (getauxval(3)).
RemoteAddr read_loader_base(pid_t pid) {
    const std::string path = "/proc/" + std::to_string(pid) + "/auxv";
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::array<Elf64_auxv_t, 64> entries{};
    const ssize_t got = fd.is_open() ? ::read(fd.get(), entries.data(), sizeof(entries)) : 0;
    const auto count = got > 0 ? static_cast<std::size_t>(got) / sizeof(Elf64_auxv_t) : 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (entries[i].a_type == AT_BASE) return {entries[i].a_un.a_val};
    }
    return {};
}

// The longest run of zero bytes in [start, start + bytes.size()), its start aligned.
Cave longest_zero_run(RemoteAddr start, const std::vector<std::byte>& bytes, std::uint64_t align) {
    Cave best;
    for (std::size_t at = 0; at < bytes.size();) {
        const auto is_zero = [](std::byte byte) { return byte == std::byte{0}; };
        const auto first =
            std::find_if(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end(), is_zero);
        const auto last = std::find_if_not(first, bytes.end(), is_zero);
        at = static_cast<std::size_t>(last - bytes.begin());
        const RemoteAddr run = start + static_cast<std::uint64_t>(first - bytes.begin());
        const RemoteAddr aligned{(run.value + align - 1) & ~(align - 1)};
        const std::uint64_t end = start.value + at;
        if (aligned.value < end && end - aligned.value > best.bytes) {
            best = {.start = aligned, .bytes = end - aligned.value, .module = {}};
        }
    }
    return best;
}

// The zeros in a segment's tail. It need not be zero as a whole: without bss it shows what follows in the
// file (section headers), and zeros behind the end of the file.
std::optional<Cave> find_cave(const Search& search, const MemoryMap& map, const Segment& segment,
                              std::uint64_t align, const std::string& module) {
    const auto tail = find_tail(map, segment);
    if (!tail) return std::nullopt;
    if (segment.writable && search.start_brk && *search.start_brk >= tail->start &&
        *search.start_brk < tail->end) {
        return std::nullopt;
    }
    std::vector<std::byte> bytes(tail->end.value - tail->start.value);
    if (!search.memory.read(tail->start, bytes)) return std::nullopt;
    const bool is_taken = segment.writable && search.musl &&
                          std::ranges::any_of(bytes, [](std::byte byte) { return byte != std::byte{0}; });
    if (is_taken) return std::nullopt;
    Cave cave = longest_zero_run(tail->start, bytes, align);
    if (cave.bytes == 0) return std::nullopt;
    cave.module = module;
    return cave;
}

// Alpine's libc is its loader, ld-musl-*; elsewhere it may be a libc.so like any other.
bool is_musl(const ElfModule& module) {
    return module.path().find("/ld-musl-") != std::string::npos ||
           (module.find_exported("__libc_start_main") && !module.find_exported("gnu_get_libc_version"));
}

// Whether the module is there until the process ends: the program itself, Python's extension modules, which
// CPython never unloads (Python/importdl.c has no dlclose), and those libraries of the system that these and
// the program are linked with. What a program loads by dlopen(3) of its own it may unload.
bool stays_loaded(const ElfModule& module) {
    const std::string& path = module.path();
    const std::string_view name = std::string_view(path).substr(path.rfind('/') + 1);
    constexpr std::array<std::string_view, 10> kLibraries = {
        "libc.",      "libm.",  "libpython", "libz.",      "libexpat",
        "libpthread", "libdl.", "libutil.",  "libcrypto.", "libssl."};
    if (name.starts_with("python") || name.find(".cpython-") != std::string_view::npos) return true;
    return std::ranges::any_of(kLibraries, [&](std::string_view known) { return name.starts_with(known); });
}

struct Offers {
    std::optional<Cave> code;
    std::vector<Cave> lasting;  // for data
    std::vector<Cave> others;
};

void look_for_caves(const Search& search, const MemoryMap& map, const ElfModule& elf, const CaveSizes& sizes,
                    Offers& offers) {
    const bool is_loader = !search.loader.is_null() && elf.load_bias() == search.loader.value;
    for (const Segment& segment : elf.segments()) {
        if (segment.executable && !segment.writable && !offers.code) {
            auto cave = find_cave(search, map, segment, kCodeAlign, elf.path());
            if (cave && cave->bytes >= sizes.code) offers.code = cave;
        }
        if (segment.writable && !segment.executable && !is_loader) {
            auto cave = find_cave(search, map, segment, kDataAlign, elf.path());
            if (cave && cave->bytes >= sizes.further_data) {
                (stays_loaded(elf) ? offers.lasting : offers.others).push_back(*std::move(cave));
            }
        }
    }
}

std::uint64_t sum_of(const std::vector<Cave>& caves) {
    std::uint64_t sum = 0;
    for (const Cave& cave : caves) sum += cave.bytes;
    return sum;
}

// The largest first, no more than are needed. Empty: none is large enough for the block.
std::vector<Cave> choose_data(Offers& offers, const CaveSizes& sizes) {
    std::ranges::stable_sort(offers.lasting, std::ranges::greater{}, &Cave::bytes);
    std::ranges::stable_sort(offers.others, std::ranges::greater{}, &Cave::bytes);
    const auto serves = [&](const std::vector<Cave>& caves) {
        return !caves.empty() && caves.front().bytes >= sizes.least_data;
    };
    std::vector<Cave> chosen;
    if (serves(offers.lasting)) {
        chosen = offers.lasting;
    } else if (serves(offers.others)) {
        chosen = offers.lasting;
        chosen.insert(chosen.begin(), offers.others.front());
    }
    while (chosen.size() > 1 && sum_of(chosen) - chosen.back().bytes >= sizes.wanted_data) chosen.pop_back();
    return chosen;
}

}  // namespace

std::optional<Tail> find_tail(const MemoryMap& map, const Segment& segment) {
    const std::uint64_t start = segment.start.value + segment.memory_size;
    const std::uint64_t end = (start + arch::kPageBytes - 1) & ~(arch::kPageBytes - 1);
    if (start >= end || segment.memory_size == 0) return std::nullopt;
    const Mapping* mapping = map.find({start});
    if (mapping == nullptr || mapping->end.value < end || mapping->shared) return std::nullopt;
    if (mapping->writable != segment.writable || mapping->executable != segment.executable) {
        return std::nullopt;  // made read-only after relocation, or changed by the program
    }
    return Tail{
        .start = {start}, .end = {end}, .writable = mapping->writable, .executable = mapping->executable};
}

Result<Caves> find_caves(pid_t pid, const ProcessMemory& memory, SymbolIndex& symbols,
                         const CaveSizes& sizes) {
    CT_TRY(const auto stat, read_process_stat(pid));
    const auto modules = symbols.modules();
    const bool musl = std::ranges::any_of(modules, [](const ElfModule* elf) { return is_musl(*elf); });
    const Search search{.pid = pid,
                        .memory = memory,
                        .start_brk = stat.start_brk,
                        .loader = read_loader_base(pid),
                        .musl = musl};
    Offers offers;
    for (const ElfModule* elf : modules) look_for_caves(search, symbols.memory_map(), *elf, sizes, offers);
    std::vector<Cave> data = choose_data(offers, sizes);
    if (offers.code && !data.empty()) return Caves{.code = *offers.code, .data = std::move(data)};
    const char* what = offers.code ? "data" : !data.empty() ? "code" : "code and data";
    return Error{Errc::not_found, 0,
                 std::string("no unused bytes for ") + what + " behind the segments of " +
                     std::to_string(modules.size()) + " modules" +
                     (musl ? " (musl gives those of what is linked, and not loaded later, to malloc)" : "")};
}

}  // namespace corotrace
