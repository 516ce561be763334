// SPDX-License-Identifier: MIT
// The table of probes: a new one is a line here.
#include <iterator>
#include <utility>

#include "tracer/probes/probe.hpp"
#include "tracer/probes/stub_data.hpp"

namespace corotrace {

namespace {

struct ProbeEntry {
    const char* name;
    Result<std::vector<SlotPlan>> (*plan)(const ProbeContext&);
    bool required;
};

constexpr ProbeEntry kProbes[] = {
    {"coroutines", plan_coroutine_probe, true},
    {"async generator methods", plan_agen_probes, false},
    {"lost tasks", plan_lost_task_probe, false},
    {"warnings", plan_warning_probe, false},
};

}  // namespace

const char* describe(ProbeKind kind) {
    switch (kind) {
        case ProbeKind::kCoroutine:
            return "tp_finalize of the type coroutine";
        case ProbeKind::kAsend:
            return "tp_finalize of the type async_generator_asend";
        case ProbeKind::kAthrow:
            return "tp_finalize of the type async_generator_athrow";
        case ProbeKind::kLostTask:
            return "vectorcall of the function BaseEventLoop.call_exception_handler";
        case ProbeKind::kExec:
            return "ml_meth of the functions posix.execv and posix.execve";
        case ProbeKind::kWarning:
            break;
    }
    return "vectorcall of the function warnings._warn_unawaited_coroutine";
}

Result<ProbePlan> plan_probes(const ProbeContext& context, bool announces_exec) {
    ProbePlan plan;
    for (const ProbeEntry& probe : kProbes) {
        auto slots = probe.plan(context);
        if (!slots) {
            if (probe.required) return std::move(slots).error().in(probe.name);
            plan.notes.push_back(std::string(probe.name) + " are not watched: " + slots.error().what);
            continue;
        }
        std::move(slots->begin(), slots->end(), std::back_inserter(plan.slots));
    }
    if (!announces_exec) return plan;
    // Where they are missing, that is told when another program is executed.
    if (auto slots = plan_exec_probe(context))
        std::move(slots->begin(), slots->end(), std::back_inserter(plan.slots));
    return plan;
}

}  // namespace corotrace
