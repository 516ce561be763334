// SPDX-License-Identifier: MIT
// The finalizer slots of what asend(), __anext__(), athrow() and aclose() of an async generator return, in
// the versions that warn when one is never awaited (CPython 3.13 Objects/genobject.c
// async_gen_asend_finalize).
#include <cstddef>

#include "tracer/probes/probe.hpp"
#include "tracer/probes/static_type.hpp"
#include "tracer/probes/stub_data.hpp"

namespace corotrace {

namespace {

struct AgenType {
    const char* symbol;
    const char* name;  // tp_name
    ProbeKind kind;
    Offset generator;
    Offset state;
};

Result<SlotPlan> plan_type(const ProbeContext& context, const AgenType& type) {
    const Layout& layout = context.layout;
    CT_TRY(const RemoteAddr address, find_static_type(context, type.symbol, type.name));
    const RemoteAddr slot = address + static_cast<std::uint64_t>(layout.type.finalize);
    CT_TRY(const RemoteAddr original, context.memory.read_pointer(slot));
    if (original.is_null()) return Error{Errc::unsupported, 0, std::string(type.name) + " has no finalizer"};
    const CodeWord code = coroutine_code_word(layout);
    return SlotPlan{.kind = type.kind,
                    .slot = slot,
                    .entry = {.condition = arch::StubCondition{.through = kAbsent,
                                                               .field = type.state,
                                                               .width = 4,
                                                               .value = layout.agen_method_created},
                              .counter = static_cast<Offset>(offsetof(StubDataHeader, agen_methods)),
                              .limit = {},
                              .key_path = {type.generator, code.offset},
                              .untag_key = code.tag_mask != 0,
                              .key_tag = static_cast<std::uint8_t>(type.kind),
                              .call_key = {},
                              .original = original}};
}

}  // namespace

Result<std::vector<SlotPlan>> plan_agen_probes(const ProbeContext& context) {
    const Layout& layout = context.layout;
    if (!layout.agen_methods_finalized) return std::vector<SlotPlan>{};
    const AgenType types[] = {
        {"_PyAsyncGenASend_Type", "async_generator_asend", ProbeKind::kAsend, layout.asend.generator,
         layout.asend.state},
        {"_PyAsyncGenAThrow_Type", "async_generator_athrow", ProbeKind::kAthrow, layout.athrow.generator,
         layout.athrow.state},
    };
    std::vector<SlotPlan> slots;
    for (const AgenType& type : types) {
        CT_TRY(auto slot, plan_type(context, type));
        slots.push_back(std::move(slot));
    }
    return slots;
}

}  // namespace corotrace
