// SPDX-License-Identifier: MIT
#include "cpython_layouts/live_types.hpp"

#include <algorithm>
#include <utility>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/dict.hpp"
#include "cpython_layouts/integer.hpp"
#include "cpython_layouts/objects.hpp"
#include "cpython_layouts/runtime.hpp"

namespace corotrace {

namespace {

void add_static(const RemoteMemory& memory, const PythonProcess& python, const char* symbol, const char* name,
                LiveKind kind, LiveTypes& types, std::vector<std::string>& notes) {
    const auto found = python.module->find_symbol(symbol);
    const auto type_name = found ? read_type_name(memory, *python.layout, found->address)
                                 : Result<std::string>(Error{Errc::not_found, 0, symbol});
    if (type_name && *type_name == name) {
        types.emplace(found->address, kind);
    } else {
        notes.push_back(std::string("objects of the type ") + name +
                        " were not looked for: this build does not export it");
    }
}

constexpr std::size_t kMaxDerivedTypes = 1024;
// PyTypeObject has tp_subclasses four words before tp_finalize: a dict whose keys are the addresses of
// classes as numbers. Source: Include/cpython/object.h and Objects/typeobject.c, add_subclass(), 3.8 to 3.15.
constexpr Offset kSubclassesBeforeFinalize = 4 * sizeof(std::uint64_t);

// Adds the classes that are derived from those of one kind, which have objects of their own. False: not all.
bool add_derived(const RemoteMemory& memory, const Layout& layout, LiveKind kind, LiveTypes& types) {
    std::vector<RemoteAddr> found;
    for (const auto& [type, its_kind] : types) {
        if (its_kind == kind) found.push_back(type);
    }
    bool is_whole = true;
    for (std::size_t next = 0; next < found.size(); ++next) {
        const auto table =
            memory.read_pointer(at(found[next], layout.type.finalize - kSubclassesBeforeFinalize));
        if (table && table->is_null()) continue;
        const auto classes =
            table ? read_dict(memory, layout, *table, kMaxDerivedTypes) : Result<DictItems>(table.error());
        is_whole = is_whole && classes && classes->entries.size() == classes->length;
        if (!classes) continue;
        for (const DictEntry& entry : classes->entries) {
            const auto address = read_int(memory, layout, entry.key);
            const RemoteAddr type{address ? static_cast<std::uint64_t>(*address) : 0};
            if (types.size() >= kMaxDerivedTypes || type.is_null() || !read_type_name(memory, layout, type)) {
                is_whole = false;
            } else if (types.emplace(type, kind).second) {
                found.push_back(type);
            }
        }
    }
    return is_whole;
}

// Adds what asyncio of an interpreter calls by one of `names`, of the C module or in Python.
void add_of_asyncio(const RemoteMemory& memory, const Layout& layout, RemoteAddr interpreter,
                    std::span<const std::pair<const char*, const char*>> names, LiveKind kind,
                    LiveTypes& types) {
    for (const auto& [module, name] : names) {
        const auto type = find_module_attribute(memory, layout, interpreter, module, name);
        if (type) types.emplace(*type, kind);
    }
}

// asyncio's own name for each is that of the C class, or of the one in Python where there is no other.
constexpr std::pair<const char*, const char*> kTaskNames[] = {
    {"_asyncio", "Task"}, {"asyncio.tasks", "Task"}, {"asyncio.tasks", "_PyTask"}};
constexpr std::pair<const char*, const char*> kCFutureNames[] = {{"_asyncio", "Future"}};
constexpr std::pair<const char*, const char*> kFutureNames[] = {{"asyncio.futures", "Future"},
                                                                {"asyncio.futures", "_PyFuture"}};

void add_tasks_and_futures(const RemoteMemory& memory, const PythonProcess& python, LiveTypes& types,
                           std::vector<std::string>& notes) {
    const Layout& layout = *python.layout;
    const auto interpreters = read_interpreters(memory, layout, python.runtime);
    if (!interpreters) return;
    // A task is derived from a future, too: a type stays what it was first.
    for (const auto& [names, kind, what] :
         {std::tuple(std::span<const std::pair<const char*, const char*>>(kTaskNames), LiveKind::kTask,
                     "asyncio.Task"),
          std::tuple(std::span<const std::pair<const char*, const char*>>(kCFutureNames), LiveKind::kFuture,
                     "asyncio.Future"),
          std::tuple(std::span<const std::pair<const char*, const char*>>(kFutureNames),
                     LiveKind::kFutureInPython, "asyncio.Future")}) {
        for (const Interpreter& interpreter : *interpreters) {
            add_of_asyncio(memory, layout, interpreter.address, names, kind, types);
        }
        if (add_derived(memory, layout, kind, types)) continue;
        notes.push_back(std::string("not every class that is derived from ") + what + " could be found");
    }
    const bool has_tasks =
        std::ranges::any_of(types, [](const auto& type) { return type.second == LiveKind::kTask; });
    if (has_tasks && layout.task.coroutine == kAbsent) {
        notes.push_back("tasks of asyncio's C module cannot be read in CPython " + std::string(layout.name));
    }
}

}  // namespace

LiveTypes find_live_types(const RemoteMemory& memory, const PythonProcess& python,
                          std::vector<std::string>& notes) {
    LiveTypes types{{python.coro_type, LiveKind::kCoroutine}};
    add_static(memory, python, "PyAsyncGen_Type", "async_generator", LiveKind::kAsyncGenerator, types, notes);
    add_static(memory, python, "_PyAsyncGenASend_Type", "async_generator_asend", LiveKind::kAsend, types,
               notes);
    add_static(memory, python, "_PyAsyncGenAThrow_Type", "async_generator_athrow", LiveKind::kAthrow, types,
               notes);
    add_tasks_and_futures(memory, python, types, notes);
    return types;
}

}  // namespace corotrace
