// SPDX-License-Identifier: MIT
#include "tracer/session/python_start.hpp"

#include <utility>
#include <variant>

#include "cpython_layouts/runtime.hpp"
#include "tracer/probes/probe.hpp"

namespace corotrace {

namespace {

constexpr int kMostLooks = 500;  // 40 are usual where CPython looks for its library

}  // namespace

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

bool PythonStart::find_python() {
    if (python_) return true;
    if (is_starting_python(*memory_, *symbols_)) return false;
    auto search = find_python_process(*memory_, *symbols_);
    auto* const python = std::get_if<PythonProcess>(&search);
    if (python == nullptr) return false;
    const auto interpreters = read_interpreters(*memory_, *python->layout, python->runtime);
    if (!interpreters || interpreters->empty()) return false;
    // What the probes are made with.
    const ProbeContext context{*memory_, *python->layout, *python, *symbols_};
    if (!read_function_original(context, interpreters->back().address)) return false;
    python_.emplace(std::move(*python));
    return true;
}

// The module posix follows before any code of the program, but need not be there at all.
bool PythonStart::is_ready() {
    if (!open() || !find_python()) return false;
    const ProbeContext context{*memory_, *python_->layout, *python_, *symbols_};
    return plan_exec_probe(context).ok() || ++looks_ >= kMostLooks;
}

}  // namespace corotrace
