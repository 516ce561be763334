// SPDX-License-Identifier: MIT
// The field ml_meth of the PyMethodDef of posix.execv and posix.execve: os.execl() and its kin are made of
// these two. Every call goes through it, also from code that the interpreter has specialised. Counts nothing:
// a stop shows that the thread, which keeps the GIL until then, is about to execute another program. Source:
// CPython Modules/posixmodule.c os_execv_impl, Objects/methodobject.c, Include/cpython/methodobject.h
// PyCFunctionObject (m_ml is the first field behind the head), Include/methodobject.h PyMethodDef.
#include "cpython_layouts/block.hpp"
#include "cpython_layouts/objects.hpp"
#include "cpython_layouts/runtime.hpp"
#include "tracer/probes/probe.hpp"

namespace corotrace {

namespace {

constexpr Offset kName = 0, kMethod = 8, kFlags = 16;  // of a PyMethodDef
constexpr std::int32_t kFastcall = 0x0080;             // METH_FASTCALL
constexpr std::int32_t kMethodFlag = 0x0200;  // METH_METHOD: a fifth argument, which a stub does not keep
constexpr std::size_t kLongestName = 16;

Result<SlotPlan> plan_function(const ProbeContext& context, RemoteAddr interpreter, const char* name) {
    const Layout& layout = context.layout;
    const ProcessMemory& memory = context.memory;
    CT_TRY(const auto function, find_module_attribute(memory, layout, interpreter, "posix", name));
    CT_TRY(const auto type, read_type_name_of(memory, layout, function));
    if (type != "builtin_function_or_method")
        return Error{Errc::unsupported, 0, std::string("posix.") + name + " is a " + type};
    // Where the head of an object ends, as that of one with a number of items does.
    CT_TRY(const auto method, memory.read_pointer(at(function, layout.object.size)));
    CT_TRY(const auto its_name, memory.read_pointer(at(method, kName)));
    CT_TRY(const auto text, read_c_string(memory, its_name, kLongestName));
    CT_TRY(const auto flags, memory.read_as<std::int32_t>(at(method, kFlags)));
    const RemoteAddr slot = at(method, kMethod);
    CT_TRY(const auto original, memory.read_pointer(slot));
    if (text != name || (flags & (kFastcall | kMethodFlag)) != kFastcall || original.is_null() ||
        slot.value % 8 != 0)
        return Error{Errc::unsupported, 0, std::string("posix.") + name + " is another function"};
    arch::StubEntry entry;
    entry.announces = true;
    entry.original = original;
    return SlotPlan{.kind = ProbeKind::kExec, .slot = slot, .entry = std::move(entry)};
}

}  // namespace

Result<std::vector<SlotPlan>> plan_exec_probe(const ProbeContext& context) {
    CT_TRY(const auto interpreters,
           read_interpreters(context.memory, context.layout, context.python.runtime));
    if (interpreters.empty()) return Error{Errc::not_found, 0, "there is no interpreter"};
    std::vector<SlotPlan> slots;
    for (const char* name : {"execv", "execve"}) {
        CT_TRY(auto slot, plan_function(context, interpreters.back().address, name));
        slots.push_back(std::move(slot));
    }
    return slots;
}

}  // namespace corotrace
