// SPDX-License-Identifier: MIT
#include "cpython_layouts/warning_registry.hpp"

#include <limits>
#include <optional>
#include <unordered_set>
#include <utility>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/dict.hpp"
#include "cpython_layouts/integer.hpp"
#include "cpython_layouts/limits.hpp"
#include "cpython_layouts/objects.hpp"
#include "cpython_layouts/runtime.hpp"
#include "symbols/utf8.hpp"

namespace corotrace {

namespace {

bool is_kind(const RemoteMemory& memory, const Layout& layout, RemoteAddr object, std::uint64_t flag) {
    const auto flags = read_type_flags(memory, layout, object);
    return flags && (*flags & flag) != 0;
}

// Of one that is too long, the whole lines that fit.
Result<std::string> read_text(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    CT_TRY(const auto part, read_str_part(memory, layout, object, 0, kMaxWarningChars));
    std::string text = to_utf8(part.chars);
    if (part.length > part.chars.size()) text.resize(text.find_last_of('\n') + 1);
    return text;
}

std::optional<RegisteredWarning> read_warning(const RemoteMemory& memory, const Layout& layout,
                                              RemoteAddr key, std::string_view prefix) {
    if (!is_kind(memory, layout, key, kTypeFlagTuple)) return std::nullopt;  // the key "version"
    const auto fields = read_tuple(memory, layout, key, 3);
    if (!fields || fields->length != 3 || fields->items.size() != 3) return std::nullopt;
    const RemoteAddr text_object = fields->items[0];
    if (!is_kind(memory, layout, text_object, kTypeFlagUnicode)) return std::nullopt;
    const auto start = read_str(memory, layout, text_object, prefix.size());
    if (!start || *start != prefix) return std::nullopt;
    const auto category = read_type_name(memory, layout, fields->items[1]);
    if (!category || *category != "RuntimeWarning") return std::nullopt;
    auto text = read_text(memory, layout, text_object);
    const auto line = read_int(memory, layout, fields->items[2]);
    if (!text || !line || *line < 0 || *line > std::numeric_limits<int>::max()) return std::nullopt;
    return RegisteredWarning{*std::move(text), static_cast<int>(*line)};
}

}  // namespace

Result<std::vector<ImportedModule>> read_imported_modules(const RemoteMemory& memory, const Layout& layout,
                                                          RemoteAddr interpreter) {
    CT_TRY(const auto modules, memory.read_pointer(at(interpreter, layout.interpreter.modules)));
    if (modules.is_null()) return Error{Errc::not_found, 0, "sys.modules"};
    CT_TRY(const auto entries, read_dict(memory, layout, modules, kMaxModules));
    std::vector<ImportedModule> found;
    std::unordered_set<RemoteAddr> seen;
    for (const DictEntry& entry : entries.entries) {
        const auto dict = memory.read_pointer(at(entry.value, layout.module.dict));
        // None, or an object that stands in for a module, is no module: then the word is anything.
        if (!dict || !is_kind(memory, layout, *dict, kTypeFlagDict) || !seen.insert(*dict).second) continue;
        const auto name = read_str(memory, layout, entry.key);
        if (name) found.push_back({*name, *dict});
    }
    return found;
}

Result<std::string> read_module_file(const RemoteMemory& memory, const Layout& layout,
                                     RemoteAddr module_dict) {
    CT_TRY(const auto file, find_dict_item(memory, layout, module_dict, "__file__"));
    return read_str(memory, layout, file);
}

Result<std::vector<RegisteredWarning>> read_registered_warnings(const RemoteMemory& memory,
                                                                const Layout& layout, RemoteAddr module_dict,
                                                                std::string_view prefix) {
    CT_TRY(const auto registry, find_dict_item(memory, layout, module_dict, "__warningregistry__"));
    CT_TRY(const auto entries, read_dict(memory, layout, registry, kMaxRegisteredWarnings));
    std::vector<RegisteredWarning> warnings;
    for (const DictEntry& entry : entries.entries) {
        auto warning = read_warning(memory, layout, entry.key, prefix);
        if (warning) warnings.push_back(*std::move(warning));
    }
    return warnings;
}

}  // namespace corotrace
