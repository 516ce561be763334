// SPDX-License-Identifier: MIT
// Functions that were given the coroutine by their callers: helpers that await or schedule what they are
// given, and others.
#include <algorithm>
#include <string_view>
#include <vector>

#include "tracer/diagnose/mistake_rules.hpp"

namespace corotrace {

namespace {

using Index = SiteCode::Index;

// The variable that held it, or what held it, when the frame died: that which is empty last, as those behind
// it are emptied later. Null: not known.
std::optional<std::uint32_t> find_dropped_variable(const SiteFrame& frame) {
    if (!frame.held || !frame.bytecode) return std::nullopt;
    if (!frame.held->variables.empty()) return frame.held->variables.front();
    return frame.held->emptied;
}

bool schedules(const std::string& callee) {
    return kind_of_callee(callee) == CalleeKind::kSchedules || callee.ends_with("create_task") ||
           callee.ends_with("run_coroutine_threadsafe");
}

// Awaits the variable, or hands it to what does.
bool awaits_variable(const SiteCode& code, std::string_view name) {
    if (code.awaits(name)) return true;
    for (Index i = 0; i < code.flow().instructions().size(); ++i) {
        if (code.at(i).row == nullptr || !SiteCode::is_call(code.at(i).op)) continue;
        if (!schedules(code.describe_callee(i))) continue;
        for (const CallArgument& argument : code.arguments(i)) {
            const auto made = code.flow().maker(argument.operand);
            if (made && code.describe(*made) == name) return true;
        }
    }
    return false;
}

// Of the functions that have ended, or that an exception left, the one of this name. Null: none.
const SiteFrame* find_callee(const Scene& scene, std::string_view name) {
    const auto named = [&](const SiteFrame& frame) { return frame.code && frame.code->name == name; };
    if (scene.site.ended && named(*scene.site.ended)) return &*scene.site.ended;
    const auto found = std::ranges::find_if(scene.site.raised, named);
    return found == scene.site.raised.end() ? nullptr : &*found;
}

// It awaits one of its parameters: that which held it, where it is known.
bool takes_coroutines(const Scene& scene, const SiteFrame& frame) {
    if (!frame.bytecode) return false;
    const SiteCode code(scene.layout, frame, scene.names);
    const auto slot = find_dropped_variable(frame);
    const auto& variables = frame.bytecode->variables;
    if (slot && *slot < frame.code->parameters && *slot < variables.size() && *slot > 0)
        return awaits_variable(code, variables[*slot]);
    const std::size_t count = std::min<std::size_t>(frame.code->parameters, variables.size());
    return std::any_of(variables.begin(), variables.begin() + static_cast<std::ptrdiff_t>(count),
                       [&](const std::string& name) { return awaits_variable(code, name); });
}

}  // namespace

bool was_given(const Scene& scene, const SiteFrame& frame) {
    const auto slot = find_dropped_variable(frame);
    if (!slot || *slot >= frame.bytecode->variables.size()) return false;
    const std::string& name = frame.bytecode->variables[*slot];
    const SiteCode code(scene.layout, frame, scene.names);
    std::vector<Index> stores;
    for (Index i = 0; i < code.flow().instructions().size(); ++i) {
        const bool stored = is_any(code.at(i).op, {Op::kStoreFast, Op::kStoreDeref});
        if (stored && code.name_of(i) == name) stores.push_back(i);
    }
    // One that the function has given another value may hold that.
    if (*slot < frame.code->parameters)
        return name != "self" &&
               (stores.empty() || (code.current() && code.is_still_given(*code.current(), stores)));
    for (const Index store : stores) {
        const auto values = code.flow().operands(store);
        const auto made = values.empty() ? std::nullopt : code.flow().maker(values.front());
        if (made && code.at(*made).op == Op::kForIter) return true;
    }
    return false;
}

std::string dropped_variable(const SiteFrame& frame) {
    const auto slot = find_dropped_variable(frame);
    return slot && *slot < frame.bytecode->variables.size() ? frame.bytecode->variables[*slot] : "";
}

bool would_await(const Scene& scene, const SiteFrame& frame) {
    const auto slot = find_dropped_variable(frame);
    if (!slot || *slot >= frame.bytecode->variables.size()) return false;
    return awaits_variable(SiteCode(scene.layout, frame, scene.names), frame.bytecode->variables[*slot]);
}

CalleeKind kind_of_called(const Scene& scene, const SiteCode& code, Index call) {
    const std::string callee = code.describe_callee(call);
    const CalleeKind kind = kind_of_callee(callee);
    if (kind != CalleeKind::kSchedules || callee.find('.') != std::string::npos) return kind;
    const SiteFrame* const frame = find_callee(scene, callee);
    return frame != nullptr && scene.own.is_own(frame->code->filename) ? CalleeKind::kPlain : kind;
}

bool called_its_argument(const Scene& scene, const SiteCode& code, Index call) {
    const std::string name = code.callee_name(call);
    const SiteFrame* const frame =
        name.empty() || scene.site.raised.empty() ? nullptr : find_callee(scene, name);
    if (frame == nullptr) return false;
    const SiteCode callee(scene.layout, *frame, scene.names);
    if (!callee.current() || !SiteCode::is_call(callee.at(*callee.current()).op)) return false;
    const std::string called = callee.describe_callee(*callee.current());
    return callee.is_parameter(called) && called != "self";
}

std::optional<Verdict> judge_helper(const Scene& scene, const SiteCode& code, Index call,
                                    const std::string& made) {
    const std::string name = code.callee_name(call);
    const SiteFrame* const frame = name.empty() ? nullptr : find_callee(scene, name);
    if (frame == nullptr || frame->code == nullptr || !takes_coroutines(scene, *frame)) return std::nullopt;
    const bool awaits = scene.loop_running && code.is_async();
    return Verdict{.id = "passed_to_function",
                   .sentence = made + " makes a coroutine for " + name +
                               "(), which awaits or schedules what it is given, and ended without that",
                   .advice = awaits ? "await " + made + " in place of " + name + "(), or close() it there"
                                    : "find out why " + name + "() did not, or close() the coroutine there"};
}

std::optional<Verdict> judge_runner_given(const SiteCode& code, Index call, const std::string& made) {
    for (const CallArgument& argument : code.arguments(call)) {
        const auto maker = code.flow().maker(argument.operand);
        if (!maker || !is_any(code.at(*maker).op,
                              {Op::kLoadAttr, Op::kLoadGlobal, Op::kLoadFast, Op::kLoadDeref, Op::kLoadName}))
            continue;
        const std::string runner = code.describe(*maker);
        // A bare name may be anybody's.
        if (runner.find('.') == std::string::npos || !schedules(runner)) continue;
        const bool failed = code.current() == call;
        return Verdict{.id = failed ? "never_scheduled" : "passed_to_function",
                       .sentence = made + " makes a coroutine for " + runner + "(), which " +
                                   code.describe_callee(call) +
                                   (failed ? "() was to call, and failed before that"
                                           : "() is to call, and that has not happened"),
                       .advice = "create the coroutine in the function that is called"};
    }
    return std::nullopt;
}

std::optional<Verdict> judge_ended_parameter(const Scene& scene) {
    const SiteFrame& ended = *scene.site.ended;
    if (!ended.held || !ended.bytecode || ended.held->variables.size() != 1) return std::nullopt;
    const std::uint32_t slot = ended.held->variables.front();
    if (slot >= ended.code->parameters || slot >= ended.bytecode->variables.size()) return std::nullopt;
    // Where Python calls it, its caller is asked.
    const SiteFrame& caller = scene.site.frames.front();
    if (!scene.own.is_own(ended.code->filename) || scene.own.is_own(caller.code->filename))
        return std::nullopt;
    if (would_await(scene, ended)) return std::nullopt;
    const std::string& parameter = ended.bytecode->variables[slot];
    const std::string name = ended.code->name + "()";
    return Verdict{.id = "passed_to_function",
                   .sentence = name + " was given the coroutine " + scene.coroutine() + " as " + parameter +
                               ", and ended without awaiting it",
                   .advice = "give " + name + " its result, or await " + parameter + " in it",
                   .by_parameter = true};
}

}  // namespace corotrace
