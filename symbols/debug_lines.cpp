// SPDX-License-Identifier: MIT
#include "symbols/debug_lines.hpp"

#include <dwarf.h>
#include <elfutils/libdw.h>

#include <cstring>

namespace corotrace {

namespace {

constexpr int kMaxUnits = 100'000;
constexpr std::size_t kMaxPathBytes = 4096;

// The unit that holds `value`: by the index where there is one, else the first that says so.
bool find_unit(Dwarf* dwarf, std::uint64_t value, Dwarf_Die& unit) {
    if (::dwarf_addrdie(dwarf, value, &unit) != nullptr) return true;
    Dwarf_CU* at = nullptr;
    for (int i = 0; i < kMaxUnits && ::dwarf_get_units(dwarf, at, &at, nullptr, nullptr, &unit, nullptr) == 0;
         ++i) {
        if (::dwarf_haspc(&unit, value) > 0) return true;
    }
    return false;
}

std::string compilation_folder(Dwarf_Die& unit) {
    Dwarf_Attribute attribute{};
    const char* const folder = ::dwarf_formstring(::dwarf_attr(&unit, DW_AT_comp_dir, &attribute));
    return folder == nullptr ? "" : std::string(folder, ::strnlen(folder, kMaxPathBytes));
}

}  // namespace

void DebugLines::EndDwarf::operator()(Dwarf* dwarf) const {
    ::dwarf_end(dwarf);
}

std::optional<DebugLines> DebugLines::open(ElfFile file) {
    DebugLines lines(std::move(file));
    lines.dwarf_.reset(::dwarf_begin_elf(lines.file_.handle(), DWARF_C_READ, nullptr));
    if (!lines.dwarf_) return std::nullopt;
    return lines;
}

std::optional<SourcePlace> DebugLines::at(std::uint64_t value) const {
    Dwarf_Die unit{};
    if (!find_unit(dwarf_.get(), value, unit)) return std::nullopt;
    Dwarf_Line* const line = ::dwarf_getsrc_die(&unit, value);
    SourcePlace place;
    if (line == nullptr || ::dwarf_lineno(line, &place.line) != 0 || place.line <= 0) return std::nullopt;
    const char* const path = ::dwarf_linesrc(line, nullptr, nullptr);
    if (path == nullptr) return std::nullopt;
    place.file.assign(path, ::strnlen(path, kMaxPathBytes));
    if (!place.file.starts_with('/')) {
        const std::string folder = compilation_folder(unit);
        if (!folder.empty()) place.file = folder + "/" + place.file;
    }
    return place;
}

}  // namespace corotrace
