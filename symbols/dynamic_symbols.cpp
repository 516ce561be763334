// SPDX-License-Identifier: MIT
#include "symbols/dynamic_symbols.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "symbols/elf_headers.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMaxDynamicBytes = std::size_t{64} << 10;  // 4096 entries; real ones have about 40
constexpr std::size_t kMaxChain = 4096;                          // good tables have chains of a few
constexpr std::size_t kMaxSymbols = std::size_t{4} << 20;
constexpr std::size_t kMaxStringBytes = std::size_t{256} << 20;

std::uint32_t gnu_hash(std::string_view name) {
    std::uint32_t hash = 5381;
    for (const char c : name) hash = hash * 33 + static_cast<unsigned char>(c);
    return hash;
}

std::uint32_t sysv_hash(std::string_view name) {
    std::uint32_t hash = 0;
    for (const char c : name) {
        hash = (hash << 4) + static_cast<unsigned char>(c);
        hash ^= (hash & 0xf0000000U) >> 24;
        hash &= 0x0fffffffU;
    }
    return hash;
}

template <typename T>
std::optional<T> read_value(const RemoteMemory& memory, RemoteAddr at) {
    auto value = memory.read_as<T>(at);
    if (!value) return std::nullopt;
    return *value;
}

}  // namespace

std::optional<DynamicSymbols> DynamicSymbols::open(const RemoteMemory& memory, std::uint64_t bias,
                                                   std::span<const Elf64_Phdr> headers) {
    DynamicSymbols symbols(memory, bias);
    const Elf64_Phdr* dynamic = nullptr;
    symbols.lowest_ = UINT64_MAX;
    for (const Elf64_Phdr& header : headers) {
        if (header.p_type == PT_DYNAMIC) dynamic = &header;
        if (header.p_type != PT_LOAD) continue;
        symbols.lowest_ = std::min(symbols.lowest_, header.p_vaddr);
        symbols.highest_ = std::max(symbols.highest_, header.p_vaddr + header.p_memsz);
    }
    if (dynamic == nullptr || !symbols.read_dynamic(*dynamic) || !symbols.read_hash_headers()) {
        return std::nullopt;
    }
    return symbols;
}

// glibc replaces the pointers of a dynamic section by target addresses if it can write to it, musl and a
// program that has not started yet leave them as in the file.
RemoteAddr DynamicSymbols::resolved(std::uint64_t pointer) const {
    const bool is_relocated = pointer - bias_ >= lowest_ && pointer - bias_ < highest_;
    return is_relocated ? RemoteAddr{pointer} : RemoteAddr{pointer + bias_};
}

bool DynamicSymbols::read_dynamic(const Elf64_Phdr& dynamic) {
    std::vector<std::byte> bytes(std::min<std::uint64_t>(dynamic.p_memsz, kMaxDynamicBytes));
    if (!memory_->read({bias_ + dynamic.p_vaddr}, bytes)) return false;
    for (std::size_t at = 0; const auto entry = load<Elf64_Dyn>(bytes, at); at += sizeof(*entry)) {
        if (entry->d_tag == DT_NULL) break;
        if (entry->d_tag == DT_SYMTAB) symbols_ = resolved(entry->d_un.d_ptr);
        if (entry->d_tag == DT_STRTAB) strings_ = resolved(entry->d_un.d_ptr);
        if (entry->d_tag == DT_STRSZ) strings_size_ = entry->d_un.d_val;
        if (entry->d_tag == DT_GNU_HASH) gnu_at_ = resolved(entry->d_un.d_ptr);
        if (entry->d_tag == DT_HASH) sysv_at_ = resolved(entry->d_un.d_ptr);
        if (entry->d_tag == DT_SYMENT && entry->d_un.d_val != sizeof(Elf64_Sym)) return false;
    }
    return !symbols_.is_null() && !strings_.is_null() && strings_size_ <= kMaxStringBytes;
}

bool DynamicSymbols::read_hash_headers() {
    if (!gnu_at_.is_null()) gnu_ = read_value<GnuHash>(*memory_, gnu_at_);
    if (gnu_ && (gnu_->bucket_count == 0 || gnu_->bloom_words == 0 || gnu_->bucket_count > kMaxSymbols ||
                 gnu_->bloom_words > kMaxSymbols || gnu_->bloom_shift > 31)) {
        gnu_.reset();
    }
    if (!sysv_at_.is_null()) sysv_ = read_value<SysvHash>(*memory_, sysv_at_);
    if (sysv_ &&
        (sysv_->bucket_count == 0 || sysv_->bucket_count > kMaxSymbols || sysv_->chain_count > kMaxSymbols)) {
        sysv_.reset();
    }
    return gnu_ || sysv_;
}

std::optional<Elf64_Sym> DynamicSymbols::find(std::string_view name) const {
    if (name.empty() || name.size() > SymbolTable::kMaxNameBytes) return std::nullopt;
    return gnu_ ? find_by_gnu_hash(name) : find_by_sysv_hash(name);
}

std::optional<Elf64_Sym> DynamicSymbols::symbol_if_named(std::uint64_t index, std::string_view name) const {
    const auto symbol = read_value<Elf64_Sym>(*memory_, symbols_ + index * sizeof(Elf64_Sym));
    if (!symbol || !is_defined_symbol(*symbol)) return std::nullopt;
    if (symbol->st_name >= strings_size_ || strings_size_ - symbol->st_name <= name.size())
        return std::nullopt;
    std::string text(name.size() + 1, '\0');
    if (!memory_->read(strings_ + symbol->st_name, std::as_writable_bytes(std::span(text))))
        return std::nullopt;
    if (text.back() != '\0' || std::string_view(text).substr(0, name.size()) != name) return std::nullopt;
    return symbol;
}

std::optional<Elf64_Sym> DynamicSymbols::find_by_gnu_hash(std::string_view name) const {
    const std::uint32_t hash = gnu_hash(name);
    const RemoteAddr bloom = gnu_at_ + sizeof(GnuHash);
    const auto word =
        read_value<std::uint64_t>(*memory_, bloom + std::uint64_t{(hash / 64) % gnu_->bloom_words} * 8);
    if (!word) return std::nullopt;
    const std::uint32_t second_bit = hash >> gnu_->bloom_shift;
    if ((*word >> (hash % 64) & *word >> (second_bit % 64) & 1) == 0) return std::nullopt;

    const RemoteAddr buckets = bloom + std::uint64_t{gnu_->bloom_words} * 8;
    const RemoteAddr chains = buckets + std::uint64_t{gnu_->bucket_count} * 4;
    const auto first =
        read_value<std::uint32_t>(*memory_, buckets + std::uint64_t{hash % gnu_->bucket_count} * 4);
    if (!first || *first < gnu_->first_symbol) return std::nullopt;
    for (std::uint64_t step = 0; step < kMaxChain; ++step) {
        const std::uint64_t index = *first + step;
        const auto chained = read_value<std::uint32_t>(*memory_, chains + (index - gnu_->first_symbol) * 4);
        if (!chained) return std::nullopt;
        if ((*chained | 1) == (hash | 1)) {
            if (auto symbol = symbol_if_named(index, name)) return symbol;
        }
        if ((*chained & 1) != 0) break;  // the last of its chain
    }
    return std::nullopt;
}

std::optional<Elf64_Sym> DynamicSymbols::find_by_sysv_hash(std::string_view name) const {
    const RemoteAddr buckets = sysv_at_ + sizeof(SysvHash);
    const RemoteAddr chains = buckets + std::uint64_t{sysv_->bucket_count} * 4;
    const std::uint64_t bucket = sysv_hash(name) % sysv_->bucket_count;
    auto index = read_value<std::uint32_t>(*memory_, buckets + bucket * 4);
    for (std::size_t step = 0; step < kMaxChain; ++step) {
        if (!index || *index == STN_UNDEF || *index >= sysv_->chain_count) return std::nullopt;
        if (auto symbol = symbol_if_named(*index, name)) return symbol;
        index = read_value<std::uint32_t>(*memory_, chains + std::uint64_t{*index} * 4);
    }
    return std::nullopt;
}

// A GNU hash table does not say how many symbols there are: the last chain ends with the last symbol.
std::optional<std::uint64_t> DynamicSymbols::gnu_symbol_count() const {
    const RemoteAddr buckets = gnu_at_ + sizeof(GnuHash) + std::uint64_t{gnu_->bloom_words} * 8;
    const RemoteAddr chains = buckets + std::uint64_t{gnu_->bucket_count} * 4;
    std::vector<std::uint32_t> firsts(gnu_->bucket_count);
    if (!memory_->read(buckets, std::as_writable_bytes(std::span(firsts)))) return std::nullopt;
    std::uint64_t last = *std::max_element(firsts.begin(), firsts.end());
    if (last < gnu_->first_symbol) return gnu_->first_symbol;
    for (std::size_t step = 0; step < kMaxChain; ++step, ++last) {
        const auto chained = read_value<std::uint32_t>(*memory_, chains + (last - gnu_->first_symbol) * 4);
        if (!chained) return std::nullopt;
        if ((*chained & 1) != 0) return last + 1;
    }
    return std::nullopt;
}

std::optional<SymbolTable> DynamicSymbols::read_table() const {
    const auto count = gnu_ ? gnu_symbol_count() : std::optional<std::uint64_t>(sysv_->chain_count);
    if (!count || *count > kMaxSymbols) return std::nullopt;
    std::vector<std::byte> symbols(*count * sizeof(Elf64_Sym));
    std::vector<char> strings(strings_size_);
    if (!memory_->read(symbols_, symbols)) return std::nullopt;
    if (!memory_->read(strings_, std::as_writable_bytes(std::span(strings)))) return std::nullopt;
    return SymbolTable(symbols, std::move(strings));
}

}  // namespace corotrace
