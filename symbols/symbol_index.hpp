// SPDX-License-Identifier: MIT
// SymbolIndex: names and addresses over all modules of one process. Modules are opened when first needed,
// the likely ones first: the executable, files with "python" in their name, then by size.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "symbols/elf_module.hpp"
#include "symbols/memory_map.hpp"
#include "symbols/process_image.hpp"
#include "symbols/remote_memory.hpp"
#include "symbols/result.hpp"

namespace corotrace {

class SymbolIndex {
public:
    struct Hit {
        const ElfModule* module = nullptr;  // lives as long as the index
        Symbol symbol;
    };

    // Reads the map and orders the modules; opens none. `image` must outlive the index.
    // A snapshot: what the target loads later is in a new index. Errors: as MemoryMap::read.
    [[nodiscard]] static Result<SymbolIndex> open(const ProcessImage& image);

    // Each loaded module that defines `name`, likely ones first. Exported symbols of all modules count; only
    // if none exports it, the full tables of the executable and of the *python* files are searched.
    // Cost: tens of us per module, plus whole symbol tables in the second case.
    [[nodiscard]] std::vector<Hit> find_all(std::string_view name);

    // The module with a segment at `address`, or nullptr.
    [[nodiscard]] const ElfModule* module_at(RemoteAddr address);
    // Opens and orders as find_all; what cannot be opened is left out.
    [[nodiscard]] std::vector<const ElfModule*> modules();
    [[nodiscard]] const MemoryMap& memory_map() const { return map_; }

private:
    struct Entry {
        Module module;
        bool is_likely = false;
        bool is_tried = false;
        std::optional<ElfModule> elf;
    };
    SymbolIndex(const ProcessImage& image, MemoryMap map, std::vector<Entry> entries);
    const ElfModule* opened(Entry& entry);

    const ProcessImage* image_;
    MemoryMap map_;
    std::vector<Entry> entries_;  // never resized: hits point into it
};

}  // namespace corotrace
