// SPDX-License-Identifier: MIT
// The vectorcall field of the function asyncio.base_events.BaseEventLoop.call_exception_handler. A task that
// is destroyed while it is pending, and a future whose exception nobody retrieved, call it from their
// finalizers, those of the C module _asyncio and those in Python alike. What it is told has two entries in
// the first case, three in debug mode, and in the second the future third, so that the stub counts them
// apart, and by what the task runs. In 3.11 Python code enters a function without looking at the field: only
// finalizers in C are seen there. Source: CPython Modules/_asynciomodule.c TaskObj_finalize,
// FutureObj_finalize; Lib/asyncio/tasks.py and futures.py, __del__; Python/ceval.c, CALL.
#include <cstddef>
#include <set>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/dict.hpp"
#include "cpython_layouts/objects.hpp"
#include "cpython_layouts/runtime.hpp"
#include "tracer/probes/probe.hpp"
#include "tracer/probes/stub_data.hpp"

namespace corotrace {

namespace {

constexpr std::int32_t kSlots = 8;  // of the table of a new dict, PyDict_MINSIZE
constexpr std::int32_t kLog2Slots = 3;
constexpr std::int32_t kUnicodeKeys = 1;  // DICT_KEYS_UNICODE

arch::StubCallKey make_call_key(const ProbeContext& context, RemoteAddr dict_type) {
    const Layout& layout = context.layout;
    const DictKeysLayout& keys = layout.dict_keys;
    const bool counted = layout.dict_keys_rule == DictKeysRule::kSlotCount;
    const Offset entry_bytes = counted ? 24 : 16;
    const Offset first = keys.indices + kSlots + (counted ? 8 : 0);  // behind a hash
    arch::StubCallKey key{.dict_type = dict_type,
                          .type = layout.object.type,
                          .keys = layout.dict.keys,
                          .table = {},
                          .entry_count = keys.entry_count,
                          .second_key = first + entry_bytes,
                          .second_value = first + entry_bytes + 8,
                          .third_value = first + 2 * entry_bytes + 8,
                          .task = {}};
    if (layout.task.coroutine != kAbsent) {
        key.task = arch::StubTaskKey{.finalizer = layout.type.finalize,
                                     .coroutine = layout.task.coroutine,
                                     .coroutine_type = context.python.coro_type,
                                     .code = coroutine_code_word(layout).offset};
    }
    if (counted) {
        key.table = {{.through = kAbsent, .field = keys.slots, .width = 4, .value = kSlots}};
    } else {
        key.table = {{.through = kAbsent, .field = keys.log2_index_bytes, .width = 1, .value = kLog2Slots},
                     {.through = kAbsent, .field = keys.kind, .width = 1, .value = kUnicodeKeys}};
    }
    return key;
}

// The entry for functions that are called by way of `original`.
Result<arch::StubEntry> make_entry(const ProbeContext& context, RemoteAddr interpreter, RemoteAddr original) {
    const Layout& layout = context.layout;
    CT_TRY(const auto modules, context.memory.read_pointer(at(interpreter, layout.interpreter.modules)));
    CT_TRY(const auto dict_type, read_type(context.memory, layout, modules));
    CT_TRY(const auto name, read_type_name(context.memory, layout, dict_type));
    if (name != "dict") return Error{Errc::unsupported, 0, "sys.modules is a " + name};
    return arch::StubEntry{.condition = {},
                           .counter = static_cast<Offset>(offsetof(StubDataHeader, handled)),
                           .limit = {},
                           .key_path = {},
                           .untag_key = false,
                           .key_tag = 0,
                           .call_key = make_call_key(context, dict_type),
                           .original = original};
}

// That of _asyncio.Task, which classes derived from it have too unless they have one of their own. Null:
// tasks cannot be told by it. A class in Python that took the name has no finalizer in C: in the type's dict
// it is an object of the type wrapper_descriptor. Source: Objects/typeobject.c, add_operators().
RemoteAddr find_task_finalizer(const ProbeContext& context, RemoteAddr interpreter) {
    const RemoteMemory& memory = context.memory;
    const Layout& layout = context.layout;
    if (layout.task.coroutine == kAbsent) return {};
    const auto type = find_module_attribute(memory, layout, interpreter, "_asyncio", "Task");
    if (!type || read_type_name(memory, layout, *type).value_or("") != "_asyncio.Task") return {};
    const auto bytes = memory.read_as<std::int64_t>(at(*type, layout.type.basicsize)).value_or(0);
    const auto dict = memory.read_pointer(at(*type, layout.type.dict));
    if (bytes <= layout.task.coroutine || !dict) return {};
    const auto wrapper = find_dict_item(memory, layout, *dict, "__del__");
    if (!wrapper || read_type_name_of(memory, layout, *wrapper).value_or("") != "wrapper_descriptor")
        return {};
    return memory.read_pointer(at(*type, layout.type.finalize)).value_or(RemoteAddr{});
}

Result<std::uint32_t> read_version(const ProbeContext& context, RemoteAddr function) {
    return context.memory.read_as<std::uint32_t>(at(function, context.layout.function.call_version));
}

}  // namespace

Result<SlotPlan> plan_lost_task_slot(const ProbeContext& context, RemoteAddr interpreter) {
    const Layout& layout = context.layout;
    CT_TRY(const auto loop, find_module_attribute(context.memory, layout, interpreter, "asyncio.base_events",
                                                  "BaseEventLoop"));
    CT_TRY(const auto dict, context.memory.read_pointer(at(loop, layout.type.dict)));
    CT_TRY(const auto function, find_dict_item(context.memory, layout, dict, "call_exception_handler"));
    CT_TRY(const auto type, read_type_name_of(context.memory, layout, function));
    const RemoteAddr slot = at(function, layout.function.vectorcall);
    CT_TRY(const RemoteAddr original, context.memory.read_pointer(slot));
    if (type != "function" || original.is_null()) {
        return Error{Errc::unsupported, 0, "BaseEventLoop.call_exception_handler is a " + type};
    }
    CT_TRY(auto entry, make_entry(context, interpreter, original));
    SlotPlan plan{.kind = ProbeKind::kLostTask, .slot = slot, .entry = std::move(entry)};
    plan.task_finalizer = find_task_finalizer(context, interpreter);
    if (layout.function.call_version == kAbsent || !layout.calls_by_vectorcall) return plan;
    CT_TRY(plan.call_version, read_version(context, function));
    return plan;
}

Result<RemoteAddr> read_function_original(const ProbeContext& context, RemoteAddr interpreter) {
    const Layout& layout = context.layout;
    CT_TRY(const auto function, find_module_attribute(context.memory, layout, interpreter,
                                                      "_frozen_importlib", "_verbose_message"));
    return context.memory.read_pointer(at(function, layout.function.vectorcall));
}

// The first is an entry without a slot, for interpreters that import asyncio later: all functions are called
// by way of the same original, which one that every program has tells.
Result<std::vector<SlotPlan>> plan_lost_task_probe(const ProbeContext& context) {
    const Layout& layout = context.layout;
    CT_TRY(const auto interpreters, read_interpreters(context.memory, layout, context.python.runtime));
    if (interpreters.empty()) return Error{Errc::not_found, 0, "there is no interpreter"};
    const RemoteAddr main = interpreters.back().address;
    CT_TRY(const auto original, read_function_original(context, main));
    CT_TRY(auto entry, make_entry(context, main, original));
    std::vector<SlotPlan> slots;
    slots.push_back({.kind = ProbeKind::kLostTask, .slot = {}, .entry = std::move(entry)});
    std::set<RemoteAddr> seen;
    for (const Interpreter& interpreter : interpreters) {
        auto slot = plan_lost_task_slot(context, interpreter.address);
        if (!slot && slot.error().code == Errc::not_found) continue;  // not imported there yet
        if (!slot) return std::move(slot).error();
        if (seen.insert(slot->slot).second) slots.push_back(*std::move(slot));
    }
    return slots;
}

}  // namespace corotrace
