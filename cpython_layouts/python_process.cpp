// SPDX-License-Identifier: MIT
#include "cpython_layouts/python_process.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "cpython_layouts/data_search.hpp"
#include "cpython_layouts/debug_offsets.hpp"
#include "cpython_layouts/registry.hpp"
#include "cpython_layouts/runtime.hpp"
#include "symbols/escape.hpp"

namespace corotrace {

namespace {

// A PyCoro_Type, running or not.
struct Copy {
    const ElfModule* module = nullptr;
    RemoteAddr type;
    const Layout* shape = nullptr;  // some layout with its object header
    bool is_ready = false;          // PyType_Ready() has been through it
};

// What the tables know in common: where a type has its name, flags and own type differs with the object
// header only, of which there are two (with the GIL and without).
std::vector<const Layout*> known_shapes() {
    std::vector<const Layout*> shapes;
    for (const Layout* layout : supported_layouts()) {
        const bool is_known = std::any_of(shapes.begin(), shapes.end(), [layout](const Layout* shape) {
            return shape->object.type == layout->object.type && shape->type.name == layout->type.name &&
                   shape->type.flags == layout->type.flags;
        });
        if (!is_known) shapes.push_back(layout);
    }
    return shapes;
}

RemoteAddr field(RemoteAddr object, Offset offset) {
    return object + static_cast<std::uint64_t>(offset);
}

bool is_named(const RemoteMemory& memory, const Layout& shape, RemoteAddr type, std::string_view name) {
    std::array<char, 16> text{};
    const auto bytes = std::as_writable_bytes(std::span(text)).first(name.size() + 1);
    const auto at = memory.read_pointer(field(type, shape.type.name));
    return at && memory.read(*at, bytes) && std::string_view(text.data()) == name;
}

// A type object of that name whose own type is `type`, the only object that is its own type.
bool is_type_named(const RemoteMemory& memory, const Layout& shape, RemoteAddr type, std::string_view name) {
    if (!is_named(memory, shape, type, name)) return false;
    const auto meta = memory.read_pointer(field(type, shape.object.type));
    if (!meta || !is_named(memory, shape, *meta, "type")) return false;
    const auto meta_of_meta = memory.read_pointer(field(*meta, shape.object.type));
    return meta_of_meta && *meta_of_meta == *meta;
}

std::optional<Copy> check_copy(const RemoteMemory& memory, const ElfModule& module, RemoteAddr type) {
    constexpr std::uint64_t kTypeReady = 1U << 12U;  // CPython Include/object.h Py_TPFLAGS_READY, 3.0 to 3.15
    for (const Layout* shape : known_shapes()) {
        if (!is_type_named(memory, *shape, type, "coroutine")) continue;
        const auto flags = memory.read_as<std::uint64_t>(field(type, shape->type.flags));
        return Copy{&module, type, shape, flags && (*flags & kTypeReady) != 0};
    }
    return std::nullopt;
}

// Without any symbol: the name, the words that point to it, and whether one of them is the name of a type.
void search_copies(const RemoteMemory& memory, const ElfModule& module, std::vector<Copy>& copies) {
    // No zero is asked for in front: linkers let a string be the tail of a longer one.
    constexpr std::string_view kName("coroutine", sizeof("coroutine"));
    std::vector<RemoteAddr> names;
    for (const auto& segment : module.segments()) {
        const auto hits = find_bytes(memory, segment, kName);
        names.insert(names.end(), hits.begin(), hits.end());
    }
    if (names.empty()) return;
    for (const auto& segment : module.segments()) {
        if (!segment.writable) continue;
        for (const RemoteAddr word : find_pointers(memory, segment, names)) {
            for (const Layout* shape : known_shapes()) {
                const RemoteAddr type = word - static_cast<std::uint64_t>(shape->type.name);
                const auto copy = check_copy(memory, module, type);
                if (copy && copy->shape == shape) copies.push_back(*copy);
            }
        }
    }
}

std::vector<Copy> find_copies(const RemoteMemory& memory, SymbolIndex& symbols) {
    std::vector<Copy> copies;
    for (const auto& hit : symbols.find_all("PyCoro_Type")) {
        if (const auto copy = check_copy(memory, *hit.module, hit.symbol.address)) copies.push_back(*copy);
    }
    if (!copies.empty()) return copies;
    for (const ElfModule* module : symbols.modules()) {
        search_copies(memory, *module, copies);
        if (!copies.empty()) break;
    }
    return copies;
}

// Every place that may be the _PyRuntime of a copy, the likely ones first. In a program that is not position
// independent the loader may have put it into another module than its library's (copy relocations).
std::vector<RemoteAddr> find_runtimes(const RemoteMemory& memory, SymbolIndex& symbols, const Copy& copy) {
    std::vector<RemoteAddr> runtimes;
    if (const auto symbol = copy.module->find_exported("_PyRuntime")) runtimes.push_back(symbol->address);
    for (const auto& hit : symbols.find_all("_PyRuntime")) runtimes.push_back(hit.symbol.address);
    if (!runtimes.empty()) return runtimes;
    // From 3.10 on in a section of its own (Python/pylifecycle.c), from 3.13 on with a mark at its start.
    if (const auto section = copy.module->find_section(".PyRuntime")) runtimes.push_back(section->address);
    if (!runtimes.empty()) return runtimes;
    for (const auto& segment : copy.module->segments()) {
        if (!segment.writable) continue;
        for (const RemoteAddr hit : find_bytes(memory, segment, "xdebugpy")) runtimes.push_back(hit);
    }
    return runtimes;
}

std::optional<PythonVersion> find_version(const RemoteMemory& memory, SymbolIndex& symbols, const Copy& copy,
                                          const std::vector<RemoteAddr>& runtimes) {
    std::vector<const ElfModule*> modules{copy.module};
    for (const auto& hit : symbols.find_all("Py_GetVersion")) modules.push_back(hit.module);
    for (const ElfModule* module : modules) {
        if (const auto symbol = module->find_exported("Py_Version")) {
            const auto hex = memory.read_as<std::uint32_t>(symbol->address);
            const auto version = hex ? parse_version_hex(*hex) : std::nullopt;
            if (version) return version;
        }
        if (const auto version = find_version_text(memory, *module)) return version;
    }
    for (const RemoteAddr runtime : runtimes) {
        if (const auto version = read_debug_version(memory, runtime)) return version.value();
    }
    return std::nullopt;
}

// A copy with its runtime, if it runs.
PythonSearch examine(const RemoteMemory& memory, SymbolIndex& symbols, const Copy& copy) {
    const auto runtimes = find_runtimes(memory, symbols, copy);
    auto version = find_version(memory, symbols, copy, runtimes);
    const std::string& path = copy.module->path();
    if (!version) return NoPython{NoPython::Why::kNoVersion, path, std::nullopt};
    version->free_threaded = copy.shape->free_threaded;
    for (const RemoteAddr runtime : runtimes) {
        auto layout = draft_layout(memory, *version, runtime);
        if (!layout) continue;
        const auto interpreters = read_interpreters(memory, *layout, runtime);
        if (!interpreters || interpreters->empty() || !copy.is_ready) continue;
        return PythonProcess{
            *version, std::make_unique<Layout>(*std::move(layout)), runtime, copy.type, copy.module, {}};
    }
    const auto why = find_layout(*version) ? NoPython::Why::kNotRunning : NoPython::Why::kNoTable;
    return NoPython{why, path, version};
}

// What it is, if no coroutine type is there.
NoPython identify_other(const RemoteMemory& memory, SymbolIndex& symbols) {
    // Exported by PyPy's executable or library since its first RPython with a C backend
    // (rpython/translator/c).
    for (const auto& hit : symbols.find_all("rpython_startup_code")) {
        return {NoPython::Why::kPyPy, hit.module->path(), std::nullopt};
    }
    for (const auto& hit : symbols.find_all("Py_GetVersion")) {
        const auto version = find_version_text(memory, *hit.module);
        if (version) return {NoPython::Why::kTooOld, hit.module->path(), version};
    }
    return {};
}

}  // namespace

std::string NoPython::describe() const {
    const std::string file = printable(path);
    switch (why) {
        case Why::kOther:
            return "";
        case Why::kPyPy:
            return "it runs PyPy (" + file +
                   "), whose objects are not laid out like CPython's; run the program with one of CPython " +
                   supported_versions() + " to trace it";
        case Why::kTooOld:
            return "CPython " + format_version(*version) + " (" + file +
                   ") has no coroutines of its own; run the program with one of CPython " +
                   supported_versions();
        case Why::kNoVersion:
            return "the version of its Python (" + file +
                   ") could not be found out; if it is just starting, try again, else report the build";
        case Why::kNoTable: {
            const auto table = find_layout(*version);
            return (table ? format_version(*version) : table.error().what) + " (" + file +
                   "); run the program with one of these, or see whether a newer corotrace knows it";
        }
        case Why::kNotRunning:
            return "it has CPython " + format_version(*version) + " mapped (" + file +
                   "), but no interpreter runs in it: it is starting or ending, or has not begun to use "
                   "Python; try again when it has";
    }
    return "";
}

bool is_starting_python(const RemoteMemory& memory, SymbolIndex& symbols) {
    const auto hits = symbols.find_all("PyCoro_Type");
    return !hits.empty() && std::ranges::none_of(hits, [&](const auto& hit) {
        const auto copy = check_copy(memory, *hit.module, hit.symbol.address);
        return copy && copy->is_ready;
    });
}

PythonSearch find_python_process(const RemoteMemory& memory, SymbolIndex& symbols) {
    auto copies = find_copies(memory, symbols);
    if (copies.empty()) return identify_other(memory, symbols);
    std::stable_partition(copies.begin(), copies.end(), [](const Copy& copy) { return copy.is_ready; });
    std::vector<PythonProcess> live;
    std::optional<NoPython> first_reason;
    for (const Copy& copy : copies) {
        auto search = examine(memory, symbols, copy);
        auto* python = std::get_if<PythonProcess>(&search);
        if (python == nullptr) {
            if (!first_reason) first_reason = std::get<NoPython>(search);
            continue;
        }
        const bool is_known = std::ranges::any_of(
            live, [&](const PythonProcess& other) { return other.coro_type == python->coro_type; });
        if (!is_known) live.push_back(std::move(*python));
    }
    if (live.empty()) return *std::move(first_reason);
    // Several run: that with the most threads is the program's. Else the one loaded first, which the loader
    // puts highest (mmap(2) goes downwards).
    std::ranges::sort(live, std::ranges::greater{}, [&](const PythonProcess& python) {
        const auto threads = read_thread_states(memory, *python.layout, python.runtime);
        return std::pair(threads ? threads->size() : 0, python.coro_type.value);
    });
    for (std::size_t i = 1; i < live.size(); ++i) {
        live[0].notes.push_back("the process runs a second CPython, " + format_version(live[i].version) +
                                " (" + printable(live[i].module->path()) + "), which is not watched");
    }
    return std::move(live[0]);
}

Status settle_layout(const RemoteMemory& memory, PythonProcess& python) {
    constexpr int kTries = 10;
    for (int i = 1;; ++i) {
        auto chosen = choose_layout(memory, python.version, python.runtime, python.coro_type);
        if (chosen) {
            python.layout = std::make_unique<Layout>(chosen->layout);
            if (chosen->experimental) python.notes.push_back(chosen->note);
            return {};
        }
        // One that is ending unmaps what is being read; it is gone soon.
        if (chosen.error().code == Errc::gone || chosen.error().code == Errc::denied) return chosen.error();
        if (i == kTries) {
            Error error = std::move(chosen).error();
            error.what += "; if it was just starting or ending, try again";
            return error;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

}  // namespace corotrace
