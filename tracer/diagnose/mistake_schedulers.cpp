// SPDX-License-Identifier: MIT
// Mistakes at what schedules coroutines: create_task(), gather(), run() and the like, which failed.
#include <algorithm>

#include "tracer/diagnose/mistake_rules.hpp"

namespace corotrace {

namespace {

using Index = SiteCode::Index;

std::string name_made(const SiteCode& code, Index call) {
    return code.describe_callee(call) + "()";
}

}  // namespace

bool needs_running_loop(const std::string& scheduler) {
    const bool method = scheduler.find('.') != std::string::npos && !scheduler.starts_with("asyncio.");
    return !method && !scheduler.ends_with("run_coroutine_threadsafe");
}

Verdict judge_failed_schedule(const Scene& scene, const SiteCode& code, Index call,
                              const std::string& scheduler) {
    const std::string name = name_made(code, call);
    const bool runs_loop = scheduler.ends_with("run") || scheduler.ends_with("run_until_complete");
    Verdict verdict{.call = call};
    if (runs_loop && scene.loop_running) {
        verdict.id = "loop_already_running";
        verdict.sentence =
            scheduler + "() cannot run " + name + ": an event loop runs in this thread already";
        verdict.repair = Repair::kAwait;
        verdict.advice = "await it in place of " + scheduler + "()";
        verdict.alone = true;
    } else if (!runs_loop && !scene.loop_running && needs_running_loop(scheduler)) {
        verdict.id = "no_running_loop";
        verdict.sentence =
            scheduler + "() needs a running event loop to take " + name + ", and there is none";
        verdict.repair = Repair::kTask;
    } else {
        verdict.id = "never_scheduled";
        verdict.sentence = scheduler + "() failed before it took " + name;
        if (scheduler == "wait" || scheduler.ends_with(".wait")) {
            verdict.sentence =
                scheduler + "() takes tasks, and no coroutines from Python 3.11 on: it refused " + name;
            verdict.repair = Repair::kTask;
            return verdict;
        }
        verdict.advice = "create the coroutine only once " + scheduler + "() can take it, or close() it";
    }
    return verdict;
}

std::optional<Verdict> judge_schedule_in_try(const Scene& scene, const SiteCode& code,
                                             std::string_view variable, Index making) {
    if (!code.current()) return std::nullopt;
    const auto guarded = code.flow().find_guarded(code.at(*code.current()).offset);
    for (Index i = 0; i < code.flow().instructions().size(); ++i) {
        const auto inside = [&](const StackFlow::Range& range) {
            return code.at(i).offset >= range.begin && code.at(i).offset < range.end;
        };
        if (code.at(i).row == nullptr || !SiteCode::is_call(code.at(i).op)) continue;
        if (std::ranges::none_of(guarded, inside)) continue;
        if (kind_of_callee(code.describe_callee(i)) != CalleeKind::kSchedules) continue;
        for (const CallArgument& argument : code.arguments(i)) {
            const auto made = code.flow().maker(argument.operand);
            const bool given = made && is_any(code.at(*made).op, {Op::kLoadFast, Op::kLoadDeref}) &&
                               code.name_of(*made) == variable;
            if (given) return judge_failed_schedule(scene, code, making, code.describe_callee(i));
        }
    }
    return std::nullopt;
}

}  // namespace corotrace
