// SPDX-License-Identifier: MIT
// The vectorcall field of the function warnings._warn_unawaited_coroutine, through which every copy of the C
// warning path calls it. Only counts: a witness of the count on the deallocation path, independent of it.
#include <cstddef>
#include <set>

#include "cpython_layouts/objects.hpp"
#include "cpython_layouts/runtime.hpp"
#include "tracer/probes/probe.hpp"
#include "tracer/probes/stub_data.hpp"

namespace corotrace {

Result<std::vector<SlotPlan>> plan_warning_probe(const ProbeContext& context) {
    const Layout& layout = context.layout;
    CT_TRY(const auto interpreters, read_interpreters(context.memory, layout, context.python.runtime));
    std::vector<SlotPlan> slots;
    std::set<RemoteAddr> seen;
    for (const Interpreter& interpreter : interpreters) {
        auto function = find_module_attribute(context.memory, layout, interpreter.address, "warnings",
                                              "_warn_unawaited_coroutine");
        if (!function && function.error().code == Errc::not_found) continue;  // not imported there yet
        if (!function) return std::move(function).error();
        const RemoteAddr slot = *function + static_cast<std::uint64_t>(layout.function.vectorcall);
        if (!seen.insert(slot).second) continue;
        CT_TRY(const RemoteAddr original, context.memory.read_pointer(slot));
        CT_TRY(const auto type, read_type_name_of(context.memory, layout, *function));
        if (type != "function" || original.is_null()) {
            return Error{Errc::unsupported, 0, "warnings._warn_unawaited_coroutine is a " + type};
        }
        slots.push_back(
            {.kind = ProbeKind::kWarning,
             .slot = slot,
             .entry = {
                 .condition = {},
                 .counter = static_cast<Offset>(offsetof(StubDataHeader, warned)),
                 .limit = arch::StubLimit{.flag = static_cast<Offset>(offsetof(StubDataHeader, following)),
                                          .limit = static_cast<Offset>(offsetof(StubDataHeader, coroutines))},
                 .key_path = {},
                 .untag_key = false,
                 .key_tag = 0,
                 .original = original}});
    }
    if (slots.empty()) return Error{Errc::not_found, 0, "the module warnings is not imported yet"};
    return slots;
}

}  // namespace corotrace
