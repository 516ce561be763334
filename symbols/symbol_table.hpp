// SPDX-License-Identifier: MIT
// SymbolTable: a whole ELF symbol table with its strings, copied and sorted by address. Entries that point
// outside the strings or stand for no address of the module are left out.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "symbols/bytes.hpp"

namespace corotrace {

class SymbolTable {
public:
    struct Entry {
        std::uint64_t value = 0;  // virtual address of the file
        std::uint64_t size = 0;
        std::uint32_t name_at = 0;
        bool is_function = false;
        std::uint8_t rank = 0;  // among equals: global 0, weak 1, local 2
    };

    // `symbols` is an array of Elf64_Sym, `strings` what its names point into.
    SymbolTable(ByteView symbols, std::vector<char> strings);

    // The best ranked one of that name. Linear; the tables are searched a few times per attach.
    [[nodiscard]] const Entry* find(std::string_view wanted) const;
    // The function that holds `value`: the last one before it that reaches so far, or the very last one if it
    // does not say how far it reaches (assembly).
    [[nodiscard]] const Entry* at(std::uint64_t value) const;
    // Cut at kMaxNameBytes.
    [[nodiscard]] std::string_view name(const Entry& entry) const;

    static constexpr std::size_t kMaxNameBytes = 4096;

private:
    std::vector<char> strings_;   // ends with a 0
    std::vector<Entry> entries_;  // by value, then rank
};

}  // namespace corotrace
