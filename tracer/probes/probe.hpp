// SPDX-License-Identifier: MIT
// What a probe is: a place that CPython itself calls through, and the stub entry to put in between.
// Each probe is one file with one function that finds its slots; probe_table.cpp lists them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cpython_layouts/layout.hpp"
#include "cpython_layouts/python_process.hpp"
#include "symbols/process_memory.hpp"
#include "symbols/symbol_index.hpp"
#include "tracer/process/arch/arch.hpp"

namespace corotrace {

// The tag in the low bits of a row's key (objects are at least 8-byte aligned).
enum class ProbeKind : std::uint8_t {
    kCoroutine = 0,
    kAsend = 1,
    kAthrow = 2,
    kLostTask = arch::StubCallKey::kTag,
    kWarning = 4,  // counts only, has no rows
    kExec = 5,     // announces only
};
// What is behind the slot of one.
[[nodiscard]] const char* describe(ProbeKind kind);

struct ProbeContext {
    const ProcessMemory& memory;
    const Layout& layout;
    const PythonProcess& python;
    SymbolIndex& symbols;
};

struct SlotPlan {
    ProbeKind kind = ProbeKind::kCoroutine;
    RemoteAddr slot;  // 8 bytes, aligned; null: there is none yet, see PlantedProbes::add_slot()
    arch::StubEntry entry;
    // The version of the function whose slot this is, if it has one (uint32, right behind the slot): code
    // that was specialised for it calls it without looking at the slot, so it is 0 while the slot is turned.
    std::optional<std::uint32_t> call_version = std::nullopt;
    RemoteAddr task_finalizer = {};  // by which the stub knows tasks; null: it cannot
};

struct ProbePlan {
    std::vector<SlotPlan> slots;                        // the first is the coroutines'
    std::vector<std::string> notes;                     // what could not be planned, and why
    std::optional<arch::StubWalk> walk = std::nullopt;  // null: rows cannot be sites
};

// The slots of all probes that this build has; `announces_exec`: also those of plan_exec_probe(). Errors:
// those of the coroutines' slot, without which there is nothing to watch; any other probe that cannot be
// planned is a note.
[[nodiscard]] Result<ProbePlan> plan_probes(const ProbeContext& context, bool announces_exec = false);

// By what functions in Python are called where nothing was changed: the original of slots that come later.
[[nodiscard]] Result<RemoteAddr> read_function_original(const ProbeContext& context, RemoteAddr interpreter);

// One function a probe. Errors: not_found, unsupported, unreadable, malformed.
[[nodiscard]] Result<std::vector<SlotPlan>> plan_coroutine_probe(const ProbeContext& context);
[[nodiscard]] Result<std::vector<SlotPlan>> plan_agen_probes(const ProbeContext& context);
[[nodiscard]] Result<std::vector<SlotPlan>> plan_warning_probe(const ProbeContext& context);
// That of one interpreter, as in read_interpreters(). Errors: not_found (it has not imported warnings yet).
[[nodiscard]] Result<SlotPlan> plan_warning_slot(const ProbeContext& context, RemoteAddr interpreter);
[[nodiscard]] Result<std::vector<SlotPlan>> plan_lost_task_probe(const ProbeContext& context);
// That of one interpreter. Errors: not_found (it has not imported asyncio yet).
[[nodiscard]] Result<SlotPlan> plan_lost_task_slot(const ProbeContext& context, RemoteAddr interpreter);
// Those of the functions by which Python code executes another program, which leaves nothing to read behind.
// Errors: not_found (the module posix is not imported yet).
[[nodiscard]] Result<std::vector<SlotPlan>> plan_exec_probe(const ProbeContext& context);

}  // namespace corotrace
