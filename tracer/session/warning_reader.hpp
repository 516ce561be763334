// SPDX-License-Identifier: MIT
// WarningReader: what a target's filters are at the moment when they are asked for. Nobody is stopped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "symbols/page_cache.hpp"
#include "tracer/diagnose/drop_evidence.hpp"

namespace corotrace {

class WarningReader {
public:
    // `blamed` is the file that the warning names; null: none. Null: the filters could not be read. Cost:
    // some 10 reads a filter; where one names a module 5 for each module, once for a file: use a page cache
    // that holds nothing old.
    [[nodiscard]] std::optional<WarningEvidence> read(const PageCache& pages, const Layout& layout,
                                                      RemoteAddr interpreter,
                                                      const std::optional<std::string>& blamed);

private:
    struct Known {
        std::optional<std::string> module;
        std::uint64_t modules = 0;  // that were imported when it was looked for
    };
    [[nodiscard]] std::optional<std::string> find_module(const PageCache& pages, const Layout& layout,
                                                         RemoteAddr interpreter, const std::string& file);

    std::unordered_map<std::string, Known> known_;  // by interpreter and file
};

}  // namespace corotrace
