// SPDX-License-Identifier: MIT
#include "symbols/symbol_index.hpp"

#include <algorithm>
#include <tuple>

namespace corotrace {

namespace {

bool has_python_in_name(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return path.find("python", slash == std::string::npos ? 0 : slash) != std::string::npos;
}

std::uint64_t mapped_bytes(const Module& module) {
    std::uint64_t bytes = 0;
    for (const Mapping& mapping : module.mappings) bytes += mapping.size();
    return bytes;
}

}  // namespace

Result<SymbolIndex> SymbolIndex::open(const ProcessImage& image) {
    CT_TRY(auto map, image.read_map());
    std::vector<std::tuple<bool, bool, std::uint64_t, Module>> candidates;
    for (Module& module : map.modules()) {
        if (!module.may_be_loaded()) continue;
        const bool is_exe = image.is_program(module);
        candidates.emplace_back(is_exe, has_python_in_name(module.path), mapped_bytes(module),
                                std::move(module));
    }
    std::stable_sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) {
        return std::tie(std::get<0>(a), std::get<1>(a), std::get<2>(a)) >
               std::tie(std::get<0>(b), std::get<1>(b), std::get<2>(b));
    });
    std::vector<Entry> entries;
    entries.reserve(candidates.size());
    for (auto& [is_exe, is_python, bytes, module] : candidates) {
        entries.push_back({std::move(module), is_exe || is_python, false, std::nullopt});
    }
    return SymbolIndex(image, std::move(map), std::move(entries));
}

SymbolIndex::SymbolIndex(const ProcessImage& image, MemoryMap map, std::vector<Entry> entries)
    : image_(&image), map_(std::move(map)), entries_(std::move(entries)) {}

const ElfModule* SymbolIndex::opened(Entry& entry) {
    if (!entry.is_tried) {
        entry.is_tried = true;
        if (auto elf = ElfModule::open(*image_, entry.module)) entry.elf = std::move(*elf);
    }
    return entry.elf ? &*entry.elf : nullptr;
}

std::vector<SymbolIndex::Hit> SymbolIndex::find_all(std::string_view name) {
    std::vector<Hit> hits;
    for (Entry& entry : entries_) {
        const ElfModule* const elf = opened(entry);
        if (elf == nullptr) continue;
        if (auto symbol = elf->find_exported(name)) hits.push_back({elf, *symbol});
    }
    if (!hits.empty()) return hits;
    for (Entry& entry : entries_) {
        const ElfModule* const elf = entry.is_likely ? opened(entry) : nullptr;
        if (elf == nullptr) continue;
        if (auto symbol = elf->find_symbol(name)) hits.push_back({elf, *symbol});
    }
    return hits;
}

const ElfModule* SymbolIndex::module_at(RemoteAddr address) {
    // Opened is what its mappings speak for; the others only for what is none of the file's (bss).
    for (Entry& entry : entries_) {
        if (!std::ranges::any_of(entry.module.mappings,
                                 [&](const Mapping& mapping) { return mapping.contains(address); })) {
            continue;
        }
        const ElfModule* const elf = opened(entry);
        if (elf != nullptr && elf->contains(address)) return elf;
    }
    for (Entry& entry : entries_) {
        const ElfModule* const elf = opened(entry);
        if (elf != nullptr && elf->contains(address)) return elf;
    }
    return nullptr;
}

std::vector<const ElfModule*> SymbolIndex::modules() {
    std::vector<const ElfModule*> modules;
    for (Entry& entry : entries_) {
        if (const ElfModule* const elf = opened(entry)) modules.push_back(elf);
    }
    return modules;
}

}  // namespace corotrace
