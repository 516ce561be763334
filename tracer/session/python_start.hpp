// SPDX-License-Identifier: MIT
// PythonStart: how far a program that is just starting has come: whether it is a Python whose interpreter can
// be examined. Between that and the first line of the user's code CPython looks for its library, so that
// there is always a system call at which it can be seen to be ready. Reads only.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>

#include "cpython_layouts/python_process.hpp"
#include "symbols/live_image.hpp"
#include "symbols/process_memory.hpp"
#include "symbols/symbol_index.hpp"
#include "tracer/session/program_files.hpp"

namespace corotrace {

class PythonStart {
public:
    // `files` must outlive it.
    PythonStart(pid_t pid, ProgramFiles& files) : pid_(pid), files_(files) {}

    // Needs: the process stopped. Cost: some 50 us until the library is mapped, then up to 0.3 ms, and some
    // 50 us again until the functions by which it may execute another program are there.
    [[nodiscard]] bool is_ready();

private:
    [[nodiscard]] bool open();
    [[nodiscard]] bool find_python();

    pid_t pid_;
    ProgramFiles& files_;
    int looks_ = 0;  // in vain for the last that is wanted
    std::unique_ptr<ProcessMemory> memory_;
    std::unique_ptr<LiveImage> image_;
    std::optional<SymbolIndex> symbols_;  // of what was mapped when Python's code was first seen
    std::optional<PythonProcess> python_;
};

}  // namespace corotrace
