// SPDX-License-Identifier: MIT
#include "symbols/elf_module.hpp"

#include <algorithm>
#include <array>

#include "symbols/dynamic_symbols.hpp"
#include "symbols/elf_file.hpp"
#include "symbols/elf_headers.hpp"
#include "symbols/process_image.hpp"

namespace corotrace {

namespace {

struct Headers {
    Elf64_Ehdr elf{};
    std::vector<Elf64_Phdr> program;
};

Result<Headers> read_mapped_headers(const Mapping& first, const RemoteMemory& memory) {
    Headers headers;
    std::array<std::byte, sizeof(Elf64_Ehdr)> bytes;
    if (auto done = memory.read(first.start, bytes); !done) return std::move(done).error();
    CT_TRY(headers.elf, parse_elf_header(bytes));
    std::vector<std::byte> table(headers.elf.e_phnum * sizeof(Elf64_Phdr));
    if (headers.elf.e_phoff > first.size() || table.size() > first.size() - headers.elf.e_phoff) {
        return Error{Errc::malformed, 0, "program headers lie outside of the first mapping"};
    }
    if (auto done = memory.read(first.start + headers.elf.e_phoff, table); !done)
        return std::move(done).error();
    CT_TRY(headers.program, parse_program_headers(table, headers.elf.e_phnum));
    return headers;
}

Result<Headers> read_headers(const ProcessImage& image, const Module& module) {
    const auto first = std::find_if(module.mappings.begin(), module.mappings.end(),
                                    [](const Mapping& m) { return m.file_offset == 0; });
    if (first != module.mappings.end()) return read_mapped_headers(*first, image.memory());
    const auto file = image.open_mapped_file(module, std::nullopt);
    if (!file) return Error{Errc::unreadable, 0, "neither headers nor file of " + module.path};
    Headers headers;
    headers.elf = file->header();
    CT_TRY(headers.program, file->read_program_headers());
    return headers;
}

// The bias under which `mapping` shows `header`, a PT_LOAD, if it shows a part of its bytes at all. The file
// offset and the address of a PT_LOAD agree modulo the page size, whatever that is: no rounding is needed.
std::optional<std::uint64_t> bias_from(const Mapping& mapping, const Elf64_Phdr& header) {
    const bool overlaps = mapping.file_offset < header.p_offset + header.p_filesz &&
                          header.p_offset < mapping.file_offset + mapping.size();
    if (header.p_type != PT_LOAD || !overlaps) return std::nullopt;
    return mapping.start.value - mapping.file_offset - (header.p_vaddr - header.p_offset);
}

// From the code. Where that has been moved to anonymous memory (huge pages), from the first PT_LOAD, if it
// also explains where private data lies. A file that is mapped only to be read has neither.
std::optional<std::uint64_t> find_bias(const Module& module, const Headers& headers) {
    for (const Mapping& mapping : module.mappings) {
        for (const Elf64_Phdr& header : headers.program) {
            if (!mapping.executable || (header.p_flags & PF_X) == 0) continue;
            if (auto bias = bias_from(mapping, header)) return bias;
        }
    }
    const auto first = std::find_if(headers.program.begin(), headers.program.end(),
                                    [](const Elf64_Phdr& header) { return header.p_type == PT_LOAD; });
    if (first == headers.program.end()) return std::nullopt;
    const auto bias = bias_from(module.mappings.front(), *first);
    for (const Mapping& mapping : module.mappings) {
        if (!bias || !mapping.writable || mapping.shared || &mapping == &module.mappings.front()) continue;
        const bool is_explained =
            std::any_of(headers.program.begin(), headers.program.end(), [&](const Elf64_Phdr& header) {
                return (header.p_flags & PF_W) != 0 && bias_from(mapping, header) == bias;
            });
        if (is_explained) return bias;
    }
    return std::nullopt;
}

std::vector<Segment> segments_of(const Headers& headers, std::uint64_t bias) {
    std::vector<Segment> segments;
    for (const Elf64_Phdr& header : headers.program) {
        if (header.p_type != PT_LOAD) continue;
        segments.push_back({{bias + header.p_vaddr},
                            header.p_filesz,
                            header.p_memsz,
                            header.p_offset,
                            (header.p_flags & PF_R) != 0,
                            (header.p_flags & PF_W) != 0,
                            (header.p_flags & PF_X) != 0,
                            header.p_align});
    }
    return segments;
}

std::optional<std::string> mapped_build_id(const Headers& headers, std::uint64_t bias,
                                           const RemoteMemory& memory) {
    for (const Elf64_Phdr& header : headers.program) {
        if (header.p_type != PT_NOTE || header.p_filesz > kMaxNoteBytes) continue;
        std::vector<std::byte> notes(header.p_filesz);
        if (!memory.read({bias + header.p_vaddr}, notes)) continue;
        if (auto id = parse_build_id(notes)) return id;
    }
    return std::nullopt;
}

}  // namespace

struct ElfModule::State {
    State(const ProcessImage& the_image, Module the_module)
        : image(the_image), module(std::move(the_module)), memory(the_image.memory()) {}

    const DynamicSymbols* exported();
    const ElfFile* opened_file();
    const std::vector<std::shared_ptr<const SymbolTable>>& loaded_tables();
    const DebugLines* opened_lines();
    [[nodiscard]] std::optional<Symbol> relocated(std::uint64_t value, std::uint64_t size,
                                                  bool is_function) const;

    const ProcessImage& image;
    Module module;
    const RemoteMemory& memory;
    Headers headers;
    std::uint64_t bias = 0;
    std::vector<Segment> segments;
    std::optional<std::string> build_id;

    bool is_dynamic_tried = false;
    std::optional<DynamicSymbols> dynamic;
    bool is_file_tried = false;
    std::optional<ElfFile> file;
    bool are_tables_tried = false;
    std::vector<std::shared_ptr<const SymbolTable>> tables;  // .symtab, or those that stand in for it
    bool are_lines_tried = false;
    std::optional<DebugLines> lines;
    bool is_export_table_tried = false;
    std::optional<SymbolTable> export_table;
};

const DynamicSymbols* ElfModule::State::exported() {
    if (!is_dynamic_tried) dynamic = DynamicSymbols::open(memory, bias, headers.program);
    is_dynamic_tried = true;
    return dynamic ? &*dynamic : nullptr;
}

const ElfFile* ElfModule::State::opened_file() {
    if (!is_file_tried) file = image.open_mapped_file(module, build_id);
    is_file_tried = true;
    return file ? &*file : nullptr;
}

const std::vector<std::shared_ptr<const SymbolTable>>& ElfModule::State::loaded_tables() {
    if (are_tables_tried) return tables;
    are_tables_tried = true;
    const ElfFile* const elf = opened_file();
    if (elf == nullptr) return tables;
    if (auto table = elf->read_symbol_table()) {
        tables.push_back(std::move(table));
        return tables;
    }
    if (const auto debug = image.open_debug_file(module, *elf, build_id)) {
        if (auto table = debug->read_symbol_table()) tables.push_back(std::move(table));
    }
    if (!tables.empty()) return tables;
    if (const auto mini = elf->read_mini_debug_info()) {
        if (auto table = mini->read_symbol_table()) tables.push_back(std::move(table));
    }
    return tables;
}

// In a file of their own, because libdw keeps what it has read of it: a module's symbols need not stay for
// it.
const DebugLines* ElfModule::State::opened_lines() {
    if (are_lines_tried) return lines ? &*lines : nullptr;
    are_lines_tried = true;
    auto elf = image.open_mapped_file(module, build_id);
    if (!elf) return nullptr;
    auto debug = image.open_debug_file(module, *elf, build_id);
    if (auto separate = debug ? DebugLines::open(std::move(*debug)) : std::nullopt) {
        lines = std::move(separate);
    } else {
        lines = DebugLines::open(std::move(*elf));
    }
    return lines ? &*lines : nullptr;
}

// A symbol outside of the module's segments is damage.
std::optional<Symbol> ElfModule::State::relocated(std::uint64_t value, std::uint64_t size,
                                                  bool is_function) const {
    const RemoteAddr address{bias + value};
    for (const Segment& segment : segments) {
        if (address.value - segment.start.value < segment.memory_size)
            return Symbol{address, size, is_function};
    }
    return std::nullopt;
}

Result<ElfModule> ElfModule::open(const ProcessImage& image, const Module& module) {
    auto state = std::make_unique<State>(image, module);
    auto headers = read_headers(image, module);
    if (!headers) return std::move(headers).error().in("ELF headers of " + module.path);
    state->headers = std::move(*headers);
    const auto bias = find_bias(module, state->headers);
    if (!bias) return Error{Errc::not_found, 0, module.path + " is mapped, but not loaded"};
    if (state->headers.elf.e_type == ET_EXEC && *bias != 0) {
        return Error{Errc::malformed, 0, module.path + " is not at its fixed address"};
    }
    state->bias = *bias;
    state->segments = segments_of(state->headers, *bias);
    state->build_id = mapped_build_id(state->headers, *bias, image.memory());
    return ElfModule(std::move(state));
}

ElfModule::ElfModule(std::unique_ptr<State> state) : state_(std::move(state)) {}
ElfModule::ElfModule(ElfModule&& other) noexcept = default;
ElfModule& ElfModule::operator=(ElfModule&& other) noexcept = default;
ElfModule::~ElfModule() = default;

const std::string& ElfModule::path() const {
    return state_->module.path;
}
std::uint64_t ElfModule::load_bias() const {
    return state_->bias;
}
bool ElfModule::is_executable_type() const {
    return state_->headers.elf.e_type == ET_EXEC;
}
std::uint16_t ElfModule::machine() const {
    return state_->headers.elf.e_machine;
}
const std::optional<std::string>& ElfModule::build_id() const {
    return state_->build_id;
}
std::span<const Segment> ElfModule::segments() const {
    return state_->segments;
}

bool ElfModule::contains(RemoteAddr address) const {
    return std::any_of(state_->segments.begin(), state_->segments.end(),
                       [&](const Segment& s) { return address.value - s.start.value < s.memory_size; });
}

std::optional<Symbol> ElfModule::find_exported(std::string_view name) const {
    const DynamicSymbols* const dynamic = state_->exported();
    if (dynamic == nullptr) return std::nullopt;
    const auto symbol = dynamic->find(name);
    if (!symbol) return std::nullopt;
    return state_->relocated(symbol->st_value, symbol->st_size, is_function_symbol(*symbol));
}

std::optional<Symbol> ElfModule::find_symbol(std::string_view name) const {
    if (auto exported = find_exported(name)) return exported;
    for (const auto& table : state_->loaded_tables()) {
        const SymbolTable::Entry* const entry = table->find(name);
        if (entry != nullptr) return state_->relocated(entry->value, entry->size, entry->is_function);
    }
    return std::nullopt;
}

std::optional<Section> ElfModule::find_section(std::string_view name) const {
    const ElfFile* const file = state_->opened_file();
    const auto section = file == nullptr ? std::nullopt : file->find_section(name);
    if (!section || (section->sh_flags & SHF_ALLOC) == 0) return std::nullopt;
    if (!state_->relocated(section->sh_addr, section->sh_size, false)) return std::nullopt;
    return Section{{state_->bias + section->sh_addr}, section->sh_size};
}

std::optional<Section> ElfModule::unwind_table() const {
    for (const Elf64_Phdr& header : state_->headers.program) {
        if (header.p_type == PT_GNU_EH_FRAME) return Section{{state_->bias + header.p_vaddr}, header.p_memsz};
    }
    return std::nullopt;
}

std::optional<NativeSymbol> ElfModule::symbol_at(RemoteAddr address) const {
    const auto code = std::find_if(state_->segments.begin(), state_->segments.end(), [&](const Segment& s) {
        return s.executable && address.value - s.start.value < s.memory_size;
    });
    if (code == state_->segments.end()) return std::nullopt;
    if (!state_->is_export_table_tried && state_->exported() != nullptr) {
        state_->export_table = state_->exported()->read_table();
    }
    state_->is_export_table_tried = true;
    const std::uint64_t value = address.value - state_->bias;
    std::optional<NativeSymbol> best;
    const auto consider = [&](const SymbolTable& table) {
        const SymbolTable::Entry* const entry = table.at(value);
        if (entry == nullptr || state_->bias + entry->value < code->start.value) return;
        if (best && best->offset <= value - entry->value) return;
        best = NativeSymbol{std::string(table.name(*entry)), value - entry->value};
    };
    for (const auto& table : state_->loaded_tables()) consider(*table);
    if (state_->export_table) consider(*state_->export_table);
    return best;
}

std::optional<SourcePlace> ElfModule::source_at(RemoteAddr address) const {
    const DebugLines* const lines = contains(address) ? state_->opened_lines() : nullptr;
    return lines == nullptr ? std::nullopt : lines->at(address.value - state_->bias);
}

}  // namespace corotrace
