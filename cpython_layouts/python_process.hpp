// SPDX-License-Identifier: MIT
// PythonProcess: where the CPython of a process is, and which one. A process may map several copies (a
// library loaded twice, an extension that links libpython beside a static python): the one that is meant is
// the one that runs, with its types made ready and an interpreter in its list.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cpython_layouts/layout.hpp"
#include "cpython_layouts/version.hpp"
#include "symbols/remote_memory.hpp"
#include "symbols/symbol_index.hpp"

namespace corotrace {

struct PythonProcess {
    PythonVersion version;
    std::unique_ptr<const Layout> layout;  // the table for it, or a draft of one to be validated
    RemoteAddr runtime;                    // _PyRuntime
    RemoteAddr coro_type;                  // PyCoro_Type
    const ElfModule* module = nullptr;     // the one that holds coro_type; lives as long as the index
    std::vector<std::string> notes;        // what a user should know, such as a second live CPython
};

// Why there is none, as values; describe() says it in words.
struct NoPython {
    enum class Why : std::uint8_t {
        kOther,       // not Python at all
        kPyPy,        // `path` is its executable or library
        kTooOld,      // a CPython without coroutines
        kNoVersion,   // a CPython whose version could not be found out
        kNoTable,     // a version that no table describes
        kNotRunning,  // mapped, but no interpreter runs in it
    };
    Why why = Why::kOther;
    std::string path;                      // of the module that was examined; empty for kOther
    std::optional<PythonVersion> version;  // if it was found out

    // A sentence without its subject, with what the user can do instead: "it runs PyPy (/usr/...), ...".
    // Empty for kOther, of which the caller knows more.
    [[nodiscard]] std::string describe() const;
};

using PythonSearch = std::variant<PythonProcess, NoPython>;

// CPython is there, but not so far that its types are: to search for it would take long, and in vain. False
// where no symbol tells. Cost: some 10 reads.
[[nodiscard]] bool is_starting_python(const RemoteMemory& memory, SymbolIndex& symbols);

// Finds the live CPython of a process. Needs nothing stopped. Cost: 0.1 to 0.3 ms; up to some 100 ms where
// nothing is exported and the modules' data must be searched.
[[nodiscard]] PythonSearch find_python_process(const RemoteMemory& memory, SymbolIndex& symbols);

// Makes sure that the layout fits, or finds one that does. An interpreter that is just starting does not fit
// its own layout yet, one that is ending no longer, and is given some time. Cost: choose_layout()'s; where
// none fits 0.5 s. Errors: as choose_layout().
[[nodiscard]] Status settle_layout(const RemoteMemory& memory, PythonProcess& python);

}  // namespace corotrace
