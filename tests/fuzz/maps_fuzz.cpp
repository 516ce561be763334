// SPDX-License-Identifier: MIT
// Any text as /proc/PID/maps: the parser either refuses it or keeps its promises about order and modules.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "symbols/memory_map.hpp"

using namespace corotrace;

namespace {

void expect(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto map = MemoryMap::parse({reinterpret_cast<const char*>(data), size});
    if (!map) return 0;
    std::size_t in_modules = 0;
    RemoteAddr end_of_last;
    for (const Mapping& mapping : map->mappings()) {
        expect(mapping.start >= end_of_last && mapping.start < mapping.end);
        end_of_last = mapping.end;
        expect(map->find(mapping.start) == &mapping);
        expect(map->find(mapping.end - 1) == &mapping);
        if (mapping.path.starts_with('/')) ++in_modules;
    }
    for (const Module& module : map->modules()) {
        expect(!module.mappings.empty() && module.start() < module.end());
        for (const Mapping& mapping : module.mappings) expect(mapping.inode == module.inode);
        in_modules -= module.mappings.size();
        static_cast<void>(module.may_be_loaded());
    }
    expect(in_modules == 0);
    return 0;
}
