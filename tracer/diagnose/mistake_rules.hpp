// SPDX-License-Identifier: MIT
// The rules behind diagnose(), each of which looks at one kind of evidence and is silent if it does not
// apply. For mistake*.cpp only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tracer/diagnose/callee_kind.hpp"
#include "tracer/diagnose/site_code.hpp"
#include "tracer/findings/finding.hpp"
#include "tracer/findings/own_code.hpp"

namespace corotrace {

enum class Repair : std::uint8_t {
    kNone,      // Verdict::advice, if any, is all there is to say
    kAwait,     // await the call where it stands
    kTask,      // give the call to a task
    kFunction,  // put it into a function that starts it: Verdict::lambda
    kPlain,     // make the coroutine's function a plain one
};

struct Verdict {
    std::string id = {};
    std::string sentence = {};
    Repair repair = Repair::kNone;
    std::optional<SiteCode::Index> call = {};  // what the repair is about, in the code that was looked at
    bool proves_creation = false;              // this call made it, beyond doubt
    std::string advice = {};                   // in words, beside the repair or without one
    bool alone = false;  // the repair is that of the call, for what stands around it goes
    std::optional<SiteCode::Index> outer = {};  // the repaired call is to stand in the place of this one
    std::string_view lambda = {};               // of Repair::kFunction: how it begins
    bool by_exception = false;                  // that held it last
    bool thrown_away = false;                   // nobody looks at what the function gives back
    bool by_parameter = false;                  // see SeenMistake
};

// What the rules look at.
struct Scene {
    const Layout& layout;
    const DropSite& site;
    const Finding& finding;
    const CoroutineNames& names;
    const OwnCode& own;
    bool loop_running = false;  // further out on the stack

    // "save()", for sentences.
    [[nodiscard]] std::string coroutine() const;
    // "save", or "self.save" of a method, as code of its class names it.
    [[nodiscard]] std::string reference() const;
    // A function that was put into a class under another name, as delegates are: what calls it calls a
    // method.
    [[nodiscard]] bool is_borrowed_method() const;
    // The call is the last thing that entered a Python function, and that was the coroutine's.
    [[nodiscard]] bool entered_last() const;
    // This call, if it was the last one, made the coroutine beyond doubt.
    [[nodiscard]] bool made_by(const SiteCode& code, SiteCode::Index call) const;
    // The function entered last is known and is another one.
    [[nodiscard]] bool entered_other() const;
};

// By what the coroutine is: a mock, a special method, a method of an async generator.
[[nodiscard]] std::optional<Verdict> judge_coroutine(const Scene& scene);

// By the library function in which it was dropped, where that tells what the program did; `last`: or at least
// how it came there, if nothing else is known.
[[nodiscard]] std::optional<Verdict> judge_place(const Scene& scene, bool last = false);
// If nothing else tells: it is what an operator made, `a + b`, or `x[key]` of a dict without that key.
[[nodiscard]] std::optional<Verdict> judge_operator(const Scene& scene);

// By the instruction that `code` was executing.
[[nodiscard]] std::optional<Verdict> judge_instruction(const Scene& scene, const SiteCode& code);

// At a call: what was passed to it, or what it was to be passed to.
[[nodiscard]] std::optional<Verdict> judge_call(const Scene& scene, const SiteCode& code);

// Made, and waiting on the stack to be passed to something, when the instruction above it raised.
[[nodiscard]] std::optional<Verdict> judge_pending(const Scene& scene, const SiteCode& code,
                                                   SiteCode::Index index);

// What `making` made is nothing that `code` would have awaited, had `raised` (for the sentence) not been
// first. Silent where it may have been, also by what it is given to.
[[nodiscard]] std::optional<Verdict> judge_never_awaited(const SiteCode& code, SiteCode::Index making,
                                                         const std::string& raised);
// The instruction works on a value: its attribute, its items, what it is compared with.
[[nodiscard]] bool uses_operand(Op op);

// C code called the coroutine's function while `code` ran: a hook, a key function, a finalizer.
[[nodiscard]] std::optional<Verdict> judge_called_from_c(const Scene& scene, const SiteCode& code,
                                                         SiteCode::Index call);

// By the exception that held it; `handler` is an instruction of the handler that let it go.
[[nodiscard]] std::optional<Verdict> judge_exception(const Scene& scene, const SiteCode& code,
                                                     SiteCode::Index handler);

// By the variable of a function that has ended, unless that was one of its parameters: then its caller is to
// blame.
[[nodiscard]] std::optional<Verdict> judge_ended(const Scene& scene, const SiteCode& code);

// What a variable was given before it was given something else, or deleted, at `index`; `what` says which.
// `held`: it is known to have been the coroutine itself.
[[nodiscard]] std::optional<Verdict> judge_variable(const Scene& scene, const SiteCode& code,
                                                    SiteCode::Index index, const std::string& what,
                                                    bool held = false);
// A variable of several functions, one of which this is and another of which gave it the coroutine.
[[nodiscard]] std::optional<Verdict> judge_shared_variable(const Scene& scene, const SiteCode& code,
                                                           SiteCode::Index index);

// By the instructions at which an exception left the functions that it kept, `code` and `frame` being one of
// them, from the one that ended outwards.
[[nodiscard]] std::optional<Verdict> judge_raised(const Scene& scene, const SiteCode& code,
                                                  const SiteFrame& frame);

// The same, at a call that raised: what it was given by way of variables and containers, or by what it awaits
// or calls. `frame`: of `code`.
[[nodiscard]] std::optional<Verdict> judge_given_by_variable(const Scene& scene, const SiteCode& code,
                                                             SiteCode::Index call, const SiteFrame& frame);
// The same, at a call of a library: `statistics.mean([load(x) for x in xs])`, where a comprehension of its
// own made them.
[[nodiscard]] std::optional<Verdict> judge_iterated_by_library(const Scene& scene, const SiteCode& code,
                                                               SiteCode::Index call);
// The same, where the operand of an instruction that raised is the variable of a loop over a list that the
// function filled.
[[nodiscard]] std::optional<Verdict> judge_used_in_loop(const SiteCode& code, StackFlow::Operand operand);
// The same, at a `raise`: it was compared or tested before that.
[[nodiscard]] std::optional<Verdict> judge_condition(const Scene& scene, const SiteCode& code,
                                                     SiteCode::Index raise);
// The same, where the variable that it was assigned to ended. `call`: that made it.
[[nodiscard]] std::optional<Verdict> judge_tested_variable(const SiteCode& code, SiteCode::Index call);
// The call whose result the instruction that raised works on, where that went to the variable that held it.
[[nodiscard]] std::optional<SiteCode::Index> find_used_giver(const Scene& scene, const SiteCode& code);

// `code` called the function `callee`, which the exception left: whether it gave it the coroutine. Silent if
// the code shows that for more than one call, or none.
[[nodiscard]] std::optional<Verdict> judge_given_away(const Scene& scene, const SiteCode& code,
                                                      std::string_view callee);

// `code` awaits a function that has just ended, and gave it the coroutine.
[[nodiscard]] std::optional<Verdict> judge_given_to_ended(const Scene& scene, const SiteCode& code);

// The function had it from its caller: in a parameter, or one of several in a loop's variable. The first
// parameter of a method does not count, for it is what keeps things.
[[nodiscard]] bool was_given(const Scene& scene, const SiteFrame& frame);
// The name of the variable that held it, or what held it; empty: not known.
[[nodiscard]] std::string dropped_variable(const SiteFrame& frame);
// It awaits what it was given, or hands that to what does.
[[nodiscard]] bool would_await(const Scene& scene, const SiteFrame& frame);
// That of its name, unless a function of the program's own that has ended, or that an exception left, bears
// it: a run() that is not asyncio's.
[[nodiscard]] CalleeKind kind_of_called(const Scene& scene, const SiteCode& code, SiteCode::Index call);
// An exception left what `call` called, where that called one of its parameters.
[[nodiscard]] bool called_its_argument(const Scene& scene, const SiteCode& code, SiteCode::Index call);
// `call` is of a function that has ended and takes coroutines to await or schedule them: awaiting what it is
// given would be no repair. `made`: how sentences name what made it.
[[nodiscard]] std::optional<Verdict> judge_helper(const Scene& scene, const SiteCode& code,
                                                  SiteCode::Index call, const std::string& made);
// `pool.submit(asyncio.run, save())`: so is it here.
[[nodiscard]] std::optional<Verdict> judge_runner_given(const SiteCode& code, SiteCode::Index call,
                                                        const std::string& made);
// A function that no Python code called, as a task's, has ended and held it in a parameter.
[[nodiscard]] std::optional<Verdict> judge_ended_parameter(const Scene& scene);

// None of these functions made it: nothing is known but that an exception held it.
[[nodiscard]] Verdict judge_raised_elsewhere(const Scene& scene);

// What held it: a container, a mock or another function's result, made or filled by `code`, which has ended
// or throws it away. Silent if the code does not show one.
[[nodiscard]] std::optional<Verdict> judge_ended_container(const Scene& scene, const SiteCode& code);
[[nodiscard]] std::optional<Verdict> judge_thrown_holder(const Scene& scene, const SiteCode& code,
                                                         SiteCode::Index call);
[[nodiscard]] std::optional<Verdict> judge_stored_holder(const Scene& scene, const SiteCode& code,
                                                         SiteCode::Index store, const std::string& what);
// At a GET_AWAITABLE: what is awaited is a list or the like, which holds it.
[[nodiscard]] std::optional<Verdict> judge_awaited_container(const Scene& scene, const SiteCode& code,
                                                             SiteCode::Index index);
// At a FOR_ITER, or where the iterator is thrown away: it lay in what the loop goes over.
[[nodiscard]] std::optional<Verdict> judge_loop(const Scene& scene, const SiteCode& code,
                                                SiteCode::Index index);
// It was in the variable to which `store` gives each item. `itself`: it is known not to be in something else.
[[nodiscard]] std::optional<Verdict> judge_loop_variable(const Scene& scene, const SiteCode& code,
                                                         SiteCode::Index store, const std::string& end,
                                                         bool itself);
// append(), put() and the like, by name.
[[nodiscard]] bool puts_into_container(std::string_view method);
// Into which container the value of `made` went, by its name; empty: one without. Null: into none that the
// code shows.
[[nodiscard]] std::optional<std::string> find_container(const SiteCode& code, SiteCode::Index made);
// The call empties or shortens a container: clear(), pop().
[[nodiscard]] std::optional<Verdict> judge_emptied(const SiteCode& code, SiteCode::Index call,
                                                   const Scene& scene);

// The async function itself was passed to `call`, or to the one call of the code that it was passed to.
[[nodiscard]] std::optional<Verdict> judge_callback(const Scene& scene, const SiteCode& code,
                                                    SiteCode::Index call);
[[nodiscard]] std::optional<Verdict> judge_only_callback(const Scene& scene, const SiteCode& code);

// A library's code, and a function of the program's own.
[[nodiscard]] bool called_by_library(const Scene& scene, const SiteCode& code);

// The function was called by a name that only stands for it: a parameter, an attribute, what was taken out of
// a list or dict; or the caller is a library's.
[[nodiscard]] bool calls_back(const Scene& scene, const SiteCode& code, SiteCode::Index call);
[[nodiscard]] Verdict judge_called_back(const Scene& scene, const SiteCode& code, SiteCode::Index call);

// What to do about the async function that is called as a plain one.
[[nodiscard]] std::string advise_callback(const Scene& scene);

// The coroutine was an argument of `call`, made by the call `making` if that is known.
[[nodiscard]] Verdict judge_passed(const Scene& scene, const SiteCode& code, SiteCode::Index call,
                                   std::optional<SiteCode::Index> making);

// The same, where another function or a property, `giver`, gave it back.
[[nodiscard]] Verdict judge_passed_back(const Scene& scene, const SiteCode& code, SiteCode::Index call,
                                        SiteCode::Index giver);
// What gave back the coroutine that this argument is. Null: nothing did, or it is not known to be one.
[[nodiscard]] std::optional<SiteCode::Index> find_giver(const SiteCode& code, const CallArgument& argument);

// The same, where the call is known to have given it back, as what registers functions does.
[[nodiscard]] Verdict judge_handed_back(const Scene& scene, const SiteCode& code, SiteCode::Index call,
                                        SiteCode::Index making);

// The call whose result is awaited at this instruction.
[[nodiscard]] std::optional<SiteCode::Index> find_awaited_call(const SiteCode& code, SiteCode::Index index);

// By the scheduler's name, as the code calls it: others are methods of a loop, or take one.
[[nodiscard]] bool needs_running_loop(const std::string& scheduler);

// The function kept what `making` made in the variable, gave it to a scheduler, and ended in the handler of
// that call's exceptions. Null: it did not.
[[nodiscard]] std::optional<Verdict> judge_schedule_in_try(const Scene& scene, const SiteCode& code,
                                                           std::string_view variable, SiteCode::Index making);

// The coroutine made by `call` was to be scheduled by the function named `scheduler`, which failed.
[[nodiscard]] Verdict judge_failed_schedule(const Scene& scene, const SiteCode& code, SiteCode::Index call,
                                            const std::string& scheduler);

}  // namespace corotrace
