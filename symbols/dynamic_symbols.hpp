// SPDX-License-Identifier: MIT
// DynamicSymbols: the exported symbols of a loaded module, out of the target's memory by way of PT_DYNAMIC
// and the hash table that the loader itself uses. Every walk is capped, a table that makes no sense finds
// nothing.
#pragma once

#include <elf.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "symbols/address.hpp"
#include "symbols/remote_memory.hpp"
#include "symbols/symbol_table.hpp"

namespace corotrace {

class DynamicSymbols {
public:
    // Nothing if the module has no dynamic section or no hash table that can be read. `memory` must outlive
    // it.
    [[nodiscard]] static std::optional<DynamicSymbols> open(const RemoteMemory& memory, std::uint64_t bias,
                                                            std::span<const Elf64_Phdr> headers);

    // A defined symbol of that name, as the file has it (not relocated). Cost: about 6 small reads.
    [[nodiscard]] std::optional<Elf64_Sym> find(std::string_view name) const;
    // All of them. Cost: reads the whole table and its strings.
    [[nodiscard]] std::optional<SymbolTable> read_table() const;

private:
    DynamicSymbols(const RemoteMemory& memory, std::uint64_t bias) : memory_(&memory), bias_(bias) {}
    [[nodiscard]] bool read_dynamic(const Elf64_Phdr& dynamic);
    [[nodiscard]] bool read_hash_headers();
    [[nodiscard]] RemoteAddr resolved(std::uint64_t pointer) const;
    [[nodiscard]] std::optional<Elf64_Sym> find_by_gnu_hash(std::string_view name) const;
    [[nodiscard]] std::optional<Elf64_Sym> find_by_sysv_hash(std::string_view name) const;
    [[nodiscard]] std::optional<Elf64_Sym> symbol_if_named(std::uint64_t index, std::string_view name) const;
    [[nodiscard]] std::optional<std::uint64_t> gnu_symbol_count() const;

    struct GnuHash {  // https://flapenguin.me/elf-dt-gnu-hash, glibc elf/dl-setup_hash.c
        std::uint32_t bucket_count;
        std::uint32_t first_symbol;
        std::uint32_t bloom_words;
        std::uint32_t bloom_shift;
    };
    struct SysvHash {  // System V gABI, chapter 5, "Hash Table"
        std::uint32_t bucket_count;
        std::uint32_t chain_count;
    };

    const RemoteMemory* memory_;
    std::uint64_t bias_;
    std::uint64_t lowest_ = 0;  // extent of the loaded segments, for resolved()
    std::uint64_t highest_ = 0;
    RemoteAddr symbols_;
    RemoteAddr strings_;
    std::uint64_t strings_size_ = 0;
    RemoteAddr gnu_at_;
    RemoteAddr sysv_at_;
    std::optional<GnuHash> gnu_;
    std::optional<SysvHash> sysv_;
};

}  // namespace corotrace
