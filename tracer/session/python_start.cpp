// SPDX-License-Identifier: MIT
#include "tracer/session/python_start.hpp"

#include <utility>
#include <variant>

#include "cpython_layouts/python_process.hpp"
#include "cpython_layouts/runtime.hpp"
#include "tracer/probes/probe.hpp"

namespace corotrace {

bool PythonStart::open() {
    if (symbols_) return true;
    if (!files_.may_run_python(pid_)) return false;
    auto memory = ProcessMemory::open(pid_, /*writable=*/false);
    if (!memory) return false;
    memory_ = std::make_unique<ProcessMemory>(std::move(memory).value());
    image_ = std::make_unique<LiveImage>(pid_, *memory_);
    auto symbols = SymbolIndex::open(*image_);
    if (symbols) symbols_.emplace(std::move(symbols).value());
    return symbols_.has_value();
}

bool PythonStart::is_ready() {
    if (!open()) return false;
    const auto search = find_python_process(*memory_, *symbols_);
    const auto* python = std::get_if<PythonProcess>(&search);
    if (python == nullptr) return false;
    const auto interpreters = read_interpreters(*memory_, *python->layout, python->runtime);
    if (!interpreters || interpreters->empty()) return false;
    // What the probes are made with.
    const ProbeContext context{*memory_, *python->layout, *python, *symbols_};
    return read_function_original(context, interpreters->back().address).ok();
}

}  // namespace corotrace
