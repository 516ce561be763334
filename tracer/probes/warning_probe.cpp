// SPDX-License-Identifier: MIT
// The vectorcall field of the function warnings._warn_unawaited_coroutine, through which every copy of the C
// warning path calls it. Only counts: a cross-check of the count on the deallocation path, independent of it.
#include <cstddef>
#include <set>

#include "cpython_layouts/objects.hpp"
#include "cpython_layouts/runtime.hpp"
#include "tracer/probes/probe.hpp"
#include "tracer/probes/stub_data.hpp"

namespace corotrace {

namespace {

// Counts the calls of functions that are called by way of `original`.
arch::StubEntry make_entry(RemoteAddr original) {
    return {.condition = {},
            .counter = static_cast<Offset>(offsetof(StubDataHeader, warned)),
            .limit = arch::StubLimit{.flag = static_cast<Offset>(offsetof(StubDataHeader, following)),
                                     .limit = static_cast<Offset>(offsetof(StubDataHeader, coroutines))},
            .key_path = {},
            .untag_key = false,
            .key_tag = 0,
            .call_key = {},
            .original = original};
}

}  // namespace

Result<SlotPlan> plan_warning_slot(const ProbeContext& context, RemoteAddr interpreter) {
    const Layout& layout = context.layout;
    CT_TRY(const auto function, find_module_attribute(context.memory, layout, interpreter, "warnings",
                                                      "_warn_unawaited_coroutine"));
    const RemoteAddr slot = function + static_cast<std::uint64_t>(layout.function.vectorcall);
    CT_TRY(const RemoteAddr original, context.memory.read_pointer(slot));
    CT_TRY(const auto type, read_type_name_of(context.memory, layout, function));
    if (type != "function" || original.is_null()) {
        return Error{Errc::unsupported, 0, "warnings._warn_unawaited_coroutine is a " + type};
    }
    return SlotPlan{.kind = ProbeKind::kWarning, .slot = slot, .entry = make_entry(original)};
}

// The first is an entry without a slot, for interpreters that import the module later; which original that
// is, a function that every program has tells.
Result<std::vector<SlotPlan>> plan_warning_probe(const ProbeContext& context) {
    CT_TRY(const auto interpreters,
           read_interpreters(context.memory, context.layout, context.python.runtime));
    if (interpreters.empty()) return Error{Errc::not_found, 0, "there is no interpreter"};
    CT_TRY(const auto original, read_function_original(context, interpreters.back().address));
    std::vector<SlotPlan> slots;
    slots.push_back({.kind = ProbeKind::kWarning, .slot = {}, .entry = make_entry(original)});
    std::set<RemoteAddr> seen;
    for (const Interpreter& interpreter : interpreters) {
        auto slot = plan_warning_slot(context, interpreter.address);
        if (!slot && slot.error().code == Errc::not_found) continue;  // not imported there yet
        if (!slot) return std::move(slot).error();
        if (seen.insert(slot->slot).second) slots.push_back(*std::move(slot));
    }
    return slots;
}

}  // namespace corotrace
