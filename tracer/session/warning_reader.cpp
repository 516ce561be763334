// SPDX-License-Identifier: MIT
#include "tracer/session/warning_reader.hpp"

#include <utility>

#include "cpython_layouts/runtime.hpp"
#include "cpython_layouts/warning_registry.hpp"
#include "tracer/diagnose/warning_fate.hpp"

namespace corotrace {

namespace {

// The name of the one module whose file it is.
std::optional<std::string> search_modules(const PageCache& pages, const Layout& layout,
                                          RemoteAddr interpreter, const std::string& file) {
    const auto modules = read_imported_modules(pages, layout, interpreter);
    if (!modules) return std::nullopt;
    std::optional<std::string> found;
    for (const ImportedModule& module : *modules) {
        const auto name = read_module_file(pages, layout, module.dict);
        if (!name || *name != file) continue;
        if (found) return std::nullopt;
        found = module.name;
    }
    return found;
}

}  // namespace

std::optional<WarningEvidence> WarningReader::read(const PageCache& pages, const Layout& layout,
                                                   RemoteAddr interpreter,
                                                   const std::optional<std::string>& blamed) {
    auto filters = read_warning_filters(pages, layout, interpreter);
    auto action = read_default_warning_action(pages, layout, interpreter);
    auto handler = read_warning_handler(pages, layout, interpreter);
    if (!filters || !action || !handler) return std::nullopt;
    WarningEvidence evidence{.filters = *std::move(filters),
                             .default_action = *std::move(action),
                             .handler = *std::move(handler),
                             .module = {}};
    if (blamed && asks_for_module(evidence.filters)) {
        evidence.module = find_module(pages, layout, interpreter, *blamed);
    }
    return evidence;
}

std::optional<std::string> WarningReader::find_module(const PageCache& pages, const Layout& layout,
                                                      RemoteAddr interpreter, const std::string& file) {
    constexpr std::size_t kMaxKnown = 1000;
    const auto count = count_modules(pages, layout, interpreter);
    if (!count) return std::nullopt;
    const std::string key = std::to_string(interpreter.value) + file;
    const auto known = known_.find(key);
    if (known != known_.end() && known->second.modules == *count) return known->second.module;
    if (known_.size() >= kMaxKnown) known_.clear();
    auto module = search_modules(pages, layout, interpreter, file);
    known_[key] = {.module = module, .modules = *count};
    return module;
}

}  // namespace corotrace
