// SPDX-License-Identifier: MIT
#include "symbols/symbol_table.hpp"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <tuple>

#include "symbols/elf_headers.hpp"

namespace corotrace {

namespace {

std::uint8_t rank_of(const Elf64_Sym& symbol) {
    const unsigned binding = ELF64_ST_BIND(symbol.st_info);
    return binding == STB_LOCAL ? 2 : binding == STB_WEAK ? 1 : 0;
}

}  // namespace

SymbolTable::SymbolTable(ByteView symbols, std::vector<char> strings) : strings_(std::move(strings)) {
    strings_.push_back('\0');
    const std::size_t count = symbols.size() / sizeof(Elf64_Sym);
    for (std::size_t i = 0; i < count; ++i) {
        const auto symbol = load<Elf64_Sym>(symbols, i * sizeof(Elf64_Sym));
        if (!symbol || !is_defined_symbol(*symbol) || symbol->st_name >= strings_.size() - 1) continue;
        if (strings_[symbol->st_name] == '\0') continue;
        entries_.push_back({symbol->st_value, symbol->st_size, symbol->st_name, is_function_symbol(*symbol),
                            rank_of(*symbol)});
    }
    entries_.shrink_to_fit();
    std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
        return std::tuple(a.value, a.rank, a.name_at) < std::tuple(b.value, b.rank, b.name_at);
    });
}

const SymbolTable::Entry* SymbolTable::find(std::string_view wanted) const {
    const auto is_wanted = [&](const Entry& entry) {
        const std::size_t room = strings_.size() - entry.name_at;
        const char* const name = &strings_[entry.name_at];
        return wanted.size() < room && name[wanted.size()] == '\0' &&
               std::memcmp(name, wanted.data(), wanted.size()) == 0;
    };
    const Entry* best = nullptr;
    for (const Entry& entry : entries_) {
        if ((best == nullptr || entry.rank < best->rank) && is_wanted(entry)) best = &entry;
    }
    return best;
}

const SymbolTable::Entry* SymbolTable::at(std::uint64_t value) const {
    // Functions inside others are rare and few, so a short way back finds the outer one.
    constexpr int kMaxSteps = 64;
    auto entry = std::upper_bound(entries_.begin(), entries_.end(), value,
                                  [](std::uint64_t wanted, const Entry& e) { return wanted < e.value; });
    const Entry* best = nullptr;
    std::optional<std::uint64_t> nearest;  // start of the last function before `value`
    for (int step = 0; step < kMaxSteps && entry != entries_.begin(); ++step) {
        --entry;
        if (best != nullptr && entry->value != best->value) break;
        if (!entry->is_function) continue;
        if (!nearest) nearest = entry->value;
        const bool covers = value - entry->value < entry->size;
        // Of several names for one address the one with a size, then the best ranked, which comes last.
        const bool may_cover = entry->size == 0 && entry->value == *nearest && (!best || best->size == 0);
        if (covers || may_cover) best = &*entry;
    }
    return best;
}

std::string_view SymbolTable::name(const Entry& entry) const {
    const char* const text = &strings_[entry.name_at];
    return {text, ::strnlen(text, std::min(kMaxNameBytes, strings_.size() - entry.name_at))};
}

}  // namespace corotrace
