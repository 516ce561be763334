// SPDX-License-Identifier: MIT
// Any bytes as an ELF file, read by its sections and again as a module that a loader has put into memory.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "symbols/debug_lines.hpp"
#include "symbols/elf_file.hpp"
#include "symbols/elf_module.hpp"
#include "symbols/memory_image.hpp"
#include "tests/support/loaded_file.hpp"

using namespace corotrace;

namespace {

constexpr std::string_view kNames[] = {"exported_data", "exported_function", "hidden_function", "_init", ""};

void expect(bool holds) {
    if (!holds) std::abort();
}

void read_as_file(ByteView bytes) {
    const auto file = ElfFile::from_bytes({bytes.begin(), bytes.end()});
    if (!file) return;
    static_cast<void>(file->read_program_headers());
    static_cast<void>(file->find_section(".text"));
    static_cast<void>(file->read_build_id());
    static_cast<void>(file->read_debug_link());
    static_cast<void>(file->read_crc());
    static_cast<void>(file->read_mini_debug_info());
    const auto table = file->read_symbol_table();
    if (!table) return;
    for (const std::string_view name : kNames) {
        const auto* const entry = table->find(name);
        if (entry != nullptr) expect(table->name(*entry) == name);
    }
    for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{0x1000}, UINT64_MAX}) {
        const auto* const entry = table->at(value);
        if (entry != nullptr) expect(entry->value <= value && !table->name(*entry).empty());
    }
}

void read_lines(ByteView bytes) {
    auto file = ElfFile::from_bytes({bytes.begin(), bytes.end()});
    if (!file) return;
    const auto lines = DebugLines::open(std::move(*file));
    if (!lines) return;
    for (const std::uint64_t value :
         {std::uint64_t{0}, std::uint64_t{0x1000}, std::uint64_t{0x2a4}, UINT64_MAX}) {
        const auto place = lines->at(value);
        if (place) expect(place->line > 0);
    }
}

void read_as_module(ByteView bytes) {
    const LoadedFile memory(bytes);
    const Module mapped = memory.module();
    if (mapped.mappings.empty()) return;
    // No process has this id, so no file is opened.
    const MemoryImage image(memory);
    const auto module = ElfModule::open(image, mapped);
    if (!module) return;
    for (const std::string_view name : kNames) {
        const auto symbol = module->find_symbol(name);
        if (symbol) expect(module->contains(symbol->address));
    }
    for (const Segment& segment : module->segments()) {
        const auto at = module->symbol_at(segment.start + segment.memory_size / 2);
        if (at) expect(!at->name.empty());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes = std::as_bytes(std::span(data, size));
    read_as_file(bytes);
    read_lines(bytes);
    read_as_module(bytes);
    return 0;
}
