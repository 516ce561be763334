// SPDX-License-Identifier: MIT
// ElfModule: one ELF file as it is loaded in the target. What the loader uses (program headers, dynamic
// symbols) is read from the target's memory, which is true even when the file is deleted, replaced or in
// another mount namespace; the file is opened only for what is not loaded (sections, .symtab, debug files).
// All of it is hostile: counts and sizes are capped, walks end. Not for use by two threads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "symbols/address.hpp"
#include "symbols/debug_lines.hpp"
#include "symbols/memory_map.hpp"
#include "symbols/result.hpp"

namespace corotrace {

class ProcessImage;

// A PT_LOAD where it lies in the target.
struct Segment {
    RemoteAddr start;
    std::uint64_t file_size = 0;    // bytes that come from the file
    std::uint64_t memory_size = 0;  // the rest is zeroed by the loader (bss)
    std::uint64_t file_offset = 0;
    bool readable = false;
    bool writable = false;
    bool executable = false;
    std::uint64_t align = 0;
};

struct Symbol {
    RemoteAddr address;
    std::uint64_t size = 0;  // 0: the table does not say
    bool is_function = false;
};

struct Section {
    RemoteAddr address;
    std::uint64_t size = 0;
};

struct NativeSymbol {
    std::string name;
    std::uint64_t offset = 0;  // bytes from the symbol's start
};

class ElfModule {
public:
    // `image` must outlive the module. Cost: 2 or 3 reads, no file unless its first page is not mapped.
    // Errors: unsupported (32-bit, big-endian), malformed (not an ELF file), not_found (mapped as data, not
    // loaded), and those of reading.
    [[nodiscard]] static Result<ElfModule> open(const ProcessImage& image, const Module& module);

    ElfModule(ElfModule&& other) noexcept;
    ElfModule& operator=(ElfModule&& other) noexcept;
    ~ElfModule();

    [[nodiscard]] const std::string& path() const;
    // Add to a virtual address of the file to have one of the target; 0 for ET_EXEC.
    [[nodiscard]] std::uint64_t load_bias() const;
    [[nodiscard]] bool is_executable_type() const;  // ET_EXEC
    [[nodiscard]] std::uint16_t machine() const;    // e_machine
    // Lower-case hex of the GNU build id, if there is one.
    [[nodiscard]] const std::optional<std::string>& build_id() const;
    [[nodiscard]] std::span<const Segment> segments() const;
    [[nodiscard]] bool contains(RemoteAddr address) const;  // in one of the segments

    // A symbol that the module defines and exports. Cost: about 8 small reads of memory, no file.
    [[nodiscard]] std::optional<Symbol> find_exported(std::string_view name) const;
    // The same, then .symtab, the separate debug file (by build id or .gnu_debuglink, of this machine and
    // of the target's root), then .gnu_debugdata. Cost when not exported: reads whole symbol tables once.
    [[nodiscard]] std::optional<Symbol> find_symbol(std::string_view name) const;
    // A section that is loaded, such as ".PyRuntime". Needs the file; nothing if it cannot be opened.
    [[nodiscard]] std::optional<Section> find_section(std::string_view name) const;
    // The search table of the unwind information (PT_GNU_EH_FRAME, .eh_frame_hdr), which is always loaded.
    [[nodiscard]] std::optional<Section> unwind_table() const;
    // The function that holds `address`, from all tables of find_symbol. Cost as there.
    [[nodiscard]] std::optional<NativeSymbol> symbol_at(RemoteAddr address) const;
    // The source line of the instruction at `address`, from the DWARF of the file or of its separate debug
    // file. Cost when first asked: opens the file again; then as DebugLines::at.
    [[nodiscard]] std::optional<SourcePlace> source_at(RemoteAddr address) const;

private:
    struct State;
    explicit ElfModule(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;  // its tables fill on demand
};

}  // namespace corotrace
