// SPDX-License-Identifier: MIT
// The finalizer slot of the coroutine type. Reference counting and the cyclic collector both call through it;
// where a compiler made the call direct, it first compares the slot with the function it knows.
#include <cstddef>

#include "tracer/probes/probe.hpp"
#include "tracer/probes/stub_data.hpp"

namespace corotrace {

namespace {

arch::StubCondition created_condition(const Layout& layout) {
    switch (layout.created_rule) {
        case CreatedRule::kFrameLasti:
            return {.through = layout.coroutine.frame,
                    .field = layout.frame_object.lasti,
                    .width = 4,
                    .value = layout.created_value};
        case CreatedRule::kFrameState:
            break;
    }
    return {
        .through = kAbsent, .field = layout.coroutine.frame_state, .width = 1, .value = layout.created_value};
}

}  // namespace

Result<std::vector<SlotPlan>> plan_coroutine_probe(const ProbeContext& context) {
    const Layout& layout = context.layout;
    const RemoteAddr slot = context.python.coro_type + static_cast<std::uint64_t>(layout.type.finalize);
    CT_TRY(const RemoteAddr original, context.memory.read_pointer(slot));
    if (original.is_null()) return Error{Errc::unsupported, 0, "the coroutine type has no finalizer"};
    const CodeWord code = coroutine_code_word(layout);
    return std::vector{
        SlotPlan{.kind = ProbeKind::kCoroutine,
                 .slot = slot,
                 .entry = {.condition = created_condition(layout),
                           .counter = static_cast<Offset>(offsetof(StubDataHeader, coroutines)),
                           .limit = {},
                           .key_path = {code.offset},
                           .untag_key = code.tag_mask != 0,
                           .key_tag = 0,
                           .call_key = {},
                           .original = original}}};
}

}  // namespace corotrace
