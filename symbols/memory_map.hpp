// SPDX-License-Identifier: MIT
// MemoryMap: /proc/PID/maps as values, sorted by address. Module: one load of one file in it, so a library
// that is mapped twice gives two. A snapshot: the target may change its map at once afterwards.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "symbols/address.hpp"
#include "symbols/result.hpp"

namespace corotrace {

// Behind the name of a file that is gone (Linux fs/d_path.c).
inline constexpr std::string_view kDeletedSuffix = " (deleted)";

// One line of maps. `path` is empty for anonymous memory, "[heap]" and the like for the kernel's names,
// else the file as the target's mount namespace names it, without the kernel's " (deleted)".
struct Mapping {
    RemoteAddr start;
    RemoteAddr end;  // one past the last byte
    bool readable = false;
    bool writable = false;
    bool executable = false;
    bool shared = false;
    std::uint64_t file_offset = 0;
    std::uint64_t device = 0;  // as st_dev of stat(2)
    std::uint64_t inode = 0;
    std::string path;
    bool deleted = false;

    [[nodiscard]] std::uint64_t size() const { return end.value - start.value; }
    [[nodiscard]] bool contains(RemoteAddr address) const { return start <= address && address < end; }
};

// One load of one file: its mappings in address order. Memory that the loader adds without a file (bss)
// is not among them; ElfModule::segments() knows it.
struct Module {
    std::string path;
    bool deleted = false;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::vector<Mapping> mappings;

    [[nodiscard]] RemoteAddr start() const { return mappings.front().start; }
    [[nodiscard]] RemoteAddr end() const { return mappings.back().end; }
    // False for a file that is only read through mmap(2): a loaded one has code or private data.
    [[nodiscard]] bool may_be_loaded() const;
};

class MemoryMap {
public:
    // Needs nothing stopped. Cost: about 1 us per mapping. A name that is ambiguous in maps (a file whose
    // name ends in " (deleted)" or holds a literal "\012") is settled by stat(2) in the target's root.
    // Errors: gone (no such process, zombie, kernel thread), denied, malformed, unsupported (over kMaxBytes).
    [[nodiscard]] static Result<MemoryMap> read(pid_t pid);

    // Pure. The lines must be in ascending order without overlap. Errors: malformed, unsupported.
    [[nodiscard]] static Result<MemoryMap> parse(std::string_view text);
    // Pure, of mappings of another origin; the same demands. Errors: malformed.
    [[nodiscard]] static Result<MemoryMap> of(std::vector<Mapping> mappings);

    [[nodiscard]] std::span<const Mapping> mappings() const { return mappings_; }
    // The mapping that holds `address`, or nullptr. Logarithmic.
    [[nodiscard]] const Mapping* find(RemoteAddr address) const;
    // Every load of every file, by first address.
    [[nodiscard]] std::vector<Module> modules() const;

    // Four times what 65530 mappings (vm.max_map_count) with long names need.
    static constexpr std::size_t kMaxBytes = std::size_t{64} << 20;

private:
    explicit MemoryMap(std::vector<Mapping> mappings) : mappings_(std::move(mappings)) {}
    std::vector<Mapping> mappings_;
};

}  // namespace corotrace
