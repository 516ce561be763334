// SPDX-License-Identifier: MIT
#include "tracer/probes/static_type.hpp"

#include <string>

#include "cpython_layouts/objects.hpp"

namespace corotrace {

Result<RemoteAddr> find_static_type(const ProbeContext& context, const char* symbol, const char* tp_name) {
    const ElfModule* module = context.symbols.module_at(context.python.coro_type);
    const auto found = module != nullptr ? module->find_symbol(symbol) : std::nullopt;
    if (!found) return Error{Errc::not_found, 0, std::string("no symbol ") + symbol};
    CT_TRY(const auto name, read_type_name(context.memory, context.layout, found->address));
    if (name != tp_name) return Error{Errc::malformed, 0, std::string(symbol) + " is named " + name};
    return found->address;
}

}  // namespace corotrace
