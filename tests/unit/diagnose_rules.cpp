// SPDX-License-Identifier: MIT
// Rules by made-up bytecode: loops, schedulers, operands, and functions that C code calls.
#include "tests/support/catch.hpp"
#include "tests/support/made_code.hpp"

namespace corotrace::diagnose_rules_test {

namespace {

// What was entered last is the coroutine's own function.
void enter_last(DropEvidence& evidence) {
    Code code = *evidence.site.coroutine;
    code.address = RemoteAddr{0x1000};
    evidence.site.coroutine = std::make_shared<const Code>(std::move(code));
    evidence.site.last_callee = RemoteAddr{0x1000};
}

// An event loop runs it.
void run_in_loop(DropEvidence& evidence) {
    Code code;
    code.name = code.qualname = "run_forever";
    code.filename = "/usr/lib/python3.11/asyncio/base_events.py";
    evidence.stack->frames.push_back({.address = {},
                                      .code = std::make_shared<const Code>(std::move(code)),
                                      .byte_offset = 0,
                                      .in_generator = false});
}

// `callee(save())`, at the call, which holds the coroutine.
DropEvidence passed(const std::string& callee, const std::string& line, std::uint32_t flags = 0) {
    MadeCode code(made_layout(), "main", flags);
    code.add("RESUME");
    code.load_callee(callee);
    code.call("save");
    const auto call = code.finish_call(1);
    code.add("POP_TOP");
    add_end(code);
    return evidence_of(made_layout(), code.at(call, {2}), line);
}

}  // namespace

TEST_CASE("an async function that code in C called, as a hook") {
    const auto called = [](const std::string& name, const std::string& argument) {
        MadeCode code(made_layout(), "main");
        code.add("RESUME");
        code.load_callee(name);
        if (!argument.empty()) code.add(argument, code.variable("value"));
        const auto call = code.finish_call(argument.empty() ? 0 : 1);
        code.add("POP_TOP");
        add_end(code);
        return evidence_of(made_layout(), code.at(call, {}), "    " + name + "()");
    };
    DropEvidence evidence = called("Broken", "");
    CHECK(judge_made(evidence).id == "unknown");  // anything may have run in the meantime
    enter_last(evidence);
    CHECK(judge_made(evidence).id == "async_callback");
    CHECK(judge_made(evidence).sentence.find("a module in C") != std::string::npos);
    evidence = called("work", "LOAD_FAST");  // a generator, say, which it runs
    enter_last(evidence);
    CHECK(judge_made(evidence).id == "unknown");
    evidence = called("parse", "LOAD_CONST");
    enter_last(evidence);
    CHECK(judge_made(evidence).id == "async_callback");
    evidence = called("send", "LOAD_CONST");  // to a generator
    enter_last(evidence);
    CHECK(judge_made(evidence).id == "unknown");
    evidence = called("hasattr", "LOAD_FAST");
    enter_last(evidence);
    CHECK(judge_made(evidence).id == "async_callback");
    evidence = called("collect", "LOAD_FAST");
    enter_last(evidence);
    CHECK(judge_made(evidence).id == "unknown");
    evidence.site.collecting = true;
    CHECK(judge_made(evidence).id == "async_callback");
}

TEST_CASE("a loop over a list of coroutines") {
    MadeCode code(made_layout(), "main");
    code.add("RESUME");
    code.call("save");
    code.add("BUILD_LIST", 1);
    code.add("GET_ITER");
    const auto next = code.add("FOR_ITER", 2);
    const auto store = code.add("STORE_FAST", code.variable("job"));
    code.add("JUMP_BACKWARD", 3);
    add_end(code);
    const Mistake gone_through =
        judge_made(evidence_of(made_layout(), code.at(next, {}), "    for job in [save()]: pass"));
    CHECK(gone_through.id == "kept_in_container");
    CHECK(gone_through.sentence ==
          "save() was in what a loop goes over, which the loop has gone through "
          "without awaiting it");
    const Mistake replaced =
        judge_made(evidence_of(made_layout(), code.at(store, {}), "    for job in [save()]: pass"));
    CHECK(replaced.id == "assigned_never_used");
    CHECK(replaced.sentence.find("came to the loop's variable job") != std::string::npos);
    CHECK(replaced.advice == "await job in the loop");
}

TEST_CASE("a loop that is left before the turn of one") {
    MadeCode code(made_layout(), "main");
    code.add("RESUME");
    code.call("save");
    code.add("BUILD_LIST", 1);
    code.add("GET_ITER");
    code.add("FOR_ITER", 4);
    code.add("STORE_FAST", code.variable("job"));
    const auto leave = code.add("POP_TOP");
    add_end(code);
    add_end(code);
    const Mistake mistake =
        judge_made(evidence_of(made_layout(), code.at(leave, {}), "    for job in [save()]: break"));
    CHECK(mistake.id == "kept_in_container");
    CHECK(mistake.sentence.find("the loop ended before its turn") != std::string::npos);
}

TEST_CASE("what schedules a coroutine and failed") {
    const Mistake alone = judge_made(passed("create_task", "    create_task(save())"));
    CHECK(alone.id == "no_running_loop");
    CHECK(alone.fix == "asyncio.run(save())");

    DropEvidence evidence = passed("create_task", "    create_task(save())", kCodeCoroutine);
    run_in_loop(evidence);
    const Mistake failed = judge_made(evidence);
    CHECK(failed.id == "never_scheduled");
    CHECK_FALSE(failed.fix);
    CHECK(failed.advice == "create the coroutine only once create_task() can take it, or close() it");

    evidence = passed("run", "    run(save())", kCodeCoroutine);
    run_in_loop(evidence);
    const Mistake twice = judge_made(evidence);
    CHECK(twice.id == "loop_already_running");
    CHECK(twice.fix == "await save()");

    evidence = passed("wait", "    wait(save())", kCodeCoroutine);
    run_in_loop(evidence);
    const Mistake refused = judge_made(evidence);
    CHECK(refused.id == "never_scheduled");
    CHECK(refused.sentence.find("from Python 3.11 on") != std::string::npos);
    CHECK(refused.fix == "task = asyncio.create_task(save())");

    // A loop that is handed over need not run here.
    CHECK(judge_made(passed("run_coroutine_threadsafe", "    run_coroutine_threadsafe(save())")).id ==
          "never_scheduled");
}

TEST_CASE("what is to be called later is given a function instead") {
    const Mistake later = judge_made(passed("call_soon", "    call_soon(save())"));
    CHECK(later.id == "passed_as_callback");
    CHECK(later.fix == "call_soon(lambda: asyncio.ensure_future(save()))");
    CHECK(judge_made(passed("submit", "    submit(save())")).fix == "submit(lambda: asyncio.run(save()))");
    const Mistake first = judge_made(passed("Timer", "    Timer(save())"));
    CHECK(first.id == "passed_to_function");  // where the delay belongs
    const Mistake named = judge_made(passed("add_listener", "    add_listener(save())"));
    CHECK(named.id == "passed_as_callback");
    CHECK_FALSE(named.fix);
    CHECK(named.advice == "pass the function itself, without calling it: save");
}

TEST_CASE("two calls of one expression are repaired together") {
    MadeCode code(made_layout(), "main", kCodeCoroutine);
    code.add("RESUME");
    code.call("save");
    code.call("save");
    const auto add = code.add("BINARY_OP");
    code.add("RETURN_VALUE");
    const auto fix = [&](const std::string& line) {
        return judge_made(evidence_of(made_layout(), code.at(add, {0}), line)).fix;
    };
    CHECK(fix("    return save() + save()") == "return await save() + await save()");
    CHECK_FALSE(fix("    return save() + save(save())"));  // which is which?
}

TEST_CASE("which operand it was") {
    // By its name, though the place of the operands is not where it was.
    MadeCode compares(made_layout(), "main", kCodeCoroutine);
    compares.add("RESUME");
    compares.call("save");
    compares.add("LOAD_CONST");
    const auto compare = compares.add("COMPARE_OP", 2);
    compares.add("RETURN_VALUE");
    Mistake mistake =
        judge_made(evidence_of(made_layout(), compares.at(compare, {1}), "    return save() == 1"));
    CHECK(mistake.id == "compared");
    CHECK(mistake.fix == "return await save() == 1");

    // By its place: another function gave it back.
    MadeCode tests(made_layout(), "main", kCodeCoroutine);
    tests.add("RESUME");
    tests.call("allowed");
    const auto jump = tests.add("POP_JUMP_FORWARD_IF_FALSE", 0);
    add_end(tests);
    mistake = judge_made(evidence_of(made_layout(), tests.at(jump, {0}), "    if allowed(): pass"));
    CHECK(mistake.id == "tested_for_truth");
    CHECK(mistake.sentence.starts_with("allowed() gives back the coroutine save()"));
    CHECK(mistake.fix == "if await allowed(): pass");
    CHECK(judge_made(evidence_of(made_layout(), tests.at(jump, {}), "    if allowed(): pass")).id ==
          "unknown");
}

TEST_CASE("what a property or a function gave back is awaited where that is passed on") {
    MadeCode code(made_layout(), "main", kCodeCoroutine);
    code.add("RESUME");
    code.load_callee("show");
    code.call("make");
    const auto call = code.finish_call(1);
    code.add("POP_TOP");
    add_end(code);
    const Mistake mistake = judge_made(evidence_of(made_layout(), code.at(call, {2}), "    show(make())"));
    CHECK(mistake.id == "passed_to_function");
    CHECK(mistake.sentence.starts_with("make() gives back the coroutine save()"));
    CHECK(mistake.fix == "show(await make())");
}

TEST_CASE("a helper that takes coroutines is not given a result") {
    DropEvidence evidence = passed("spawn", "    spawn(save())", kCodeCoroutine);
    CHECK(judge_made(evidence).fix == "spawn(await save())");
    MadeCode helper(made_layout(), "spawn");
    helper.variable("work");
    helper.add("RESUME");
    helper.load_callee("create_task");
    helper.add("LOAD_FAST", 0);
    helper.finish_call(1);
    helper.add("POP_TOP");
    add_end(helper);
    SiteFrame ended = helper.at(0, {});
    Code code = *ended.code;
    code.parameters = 1;
    ended.code = std::make_shared<const Code>(std::move(code));
    evidence.site.ended = ended;
    evidence.site.ended_for_sure = true;
    const Mistake mistake = judge_made(evidence);
    CHECK(mistake.id == "passed_to_function");
    CHECK_FALSE(mistake.fix);
    CHECK(mistake.advice);

    // A run() of the program's own.
    DropEvidence own = passed("run", "    run(save())", kCodeCoroutine);
    run_in_loop(own);
    own.site.ended = MadeCode(made_layout(), "run").at(0, {});
    own.site.ended_for_sure = true;
    CHECK(judge_made(own).id == "passed_to_function");

    // Up to 3.10 only its source is there.
    evidence = passed("spawn", "    spawn(save())\ndef spawn(work):\n    create_task(work)", kCodeCoroutine);
    CHECK_FALSE(judge_made(evidence).fix);
}

TEST_CASE("what was awaited gave back what held it") {
    MadeCode code(made_layout(), "main", kCodeCoroutine);
    code.add("RESUME");
    code.call("load");
    code.add("GET_AWAITABLE");
    code.add("LOAD_CONST");
    code.add("SEND", 3);
    code.add("YIELD_VALUE");
    code.add("RESUME", 3);
    code.add("JUMP_BACKWARD_NO_INTERRUPT", 4);
    const auto pop = code.add("POP_TOP");
    add_end(code);
    const Mistake mistake = judge_made(evidence_of(made_layout(), code.at(pop, {}), "    await load()"));
    CHECK(mistake.id == "kept_in_container");
    CHECK_FALSE(mistake.fix);
}

}  // namespace corotrace::diagnose_rules_test
