// SPDX-License-Identifier: MIT
#include "tracer/session/forked_to_execute.hpp"

#include <chrono>
#include <string>

#include "cpython_layouts/code.hpp"
#include "cpython_layouts/frame.hpp"
#include "cpython_layouts/runtime.hpp"
#include "symbols/page_cache.hpp"
#include "tracer/process/native_stack.hpp"

namespace corotrace {

namespace {

// Of these most are libc's. The process stands, so the time is for a machine that has other things to do.
constexpr UnwindLimits kLimits{.max_frames = 16, .max_time = std::chrono::milliseconds(200)};

// The callers of _posixsubprocess.fork_exec(): CPython Lib/subprocess.py, Lib/multiprocessing/util.py.
bool is_subprocess(const TargetSubject& subject, const arch::Registers& registers) {
    const Layout& layout = *subject.python.layout;
    const auto thread =
        find_thread_state(subject.memory, layout, subject.python.runtime, registers.thread_id, std::nullopt);
    if (!thread) return false;
    CodeCache codes;
    const auto stack = copy_stack(subject.memory, layout, codes, *thread);
    if (!stack || stack->frames.empty()) return false;
    const std::string& name = stack->frames.front().code->name;
    return name == "_execute_child" || name == "spawnv_passfds";
}

// Whether fork() was called by code that is not the interpreter's, in which os.fork() and os.forkpty() are.
bool is_by_library(TargetSubject& subject, const arch::Registers& registers) {
    const ElfModule* python = subject.symbols.module_at(subject.python.runtime);
    const ElfModule* libc = subject.symbols.module_at({registers.pc});
    auto unwinder = NativeUnwinder::make(subject.symbols);
    if (python == nullptr || libc == nullptr || !unwinder) return false;
    const PageCache pages(subject.memory);
    const auto stack = unwinder->unwind(subject.pid, pages, {registers.pc}, {registers.sp}, kLimits);
    for (const RemoteAddr pc : stack.pcs) {
        const ElfModule* module = subject.symbols.module_at(pc);
        if (module != libc) return module != nullptr && module != python;
    }
    return false;
}

}  // namespace

bool is_forked_to_execute(TargetSubject& subject, const arch::Registers& registers) {
    return is_subprocess(subject, registers) || is_by_library(subject, registers);
}

}  // namespace corotrace
