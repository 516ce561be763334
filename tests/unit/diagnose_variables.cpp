// SPDX-License-Identifier: MIT
// What is known by the variable that the coroutine was in, by the name of its function, and by whom it was
// called.
#include "tests/support/catch.hpp"
#include "tests/support/made_code.hpp"

namespace corotrace::diagnose_variables_test {

namespace {

constexpr std::uint8_t kIsNot = 1;
constexpr std::uint8_t kOverReturn = 2;  // a jump over LOAD_CONST and RETURN_VALUE

// find() made it, stored it in `row`, and has ended with it; main() had called that.
DropEvidence ended(const MadeCode& code, std::int64_t at) {
    MadeCode outer(made_layout(), "main");
    outer.add("RESUME");
    const auto call = outer.call("find");
    outer.add("POP_TOP");
    DropEvidence evidence = evidence_of(made_layout(), outer.at(call, {}), "    row = save()");
    SiteFrame frame = code.at(at, {});
    frame.held->variables = {0};
    evidence.site.ended = std::move(frame);
    return evidence;
}

MadeCode begin() {
    constexpr std::uint32_t kAsync = 0x80;  // CO_COROUTINE
    MadeCode code(made_layout(), "find", kAsync);
    code.add("RESUME");
    code.call("save");
    code.add("STORE_FAST", code.variable("row"));
    return code;
}

std::int64_t add_return(MadeCode& code) {
    code.add("LOAD_CONST");
    return code.add("RETURN_VALUE");
}

}  // namespace

TEST_CASE("a variable that was compared or tested and then ended is told of as that") {
    MadeCode compared = begin();
    compared.add("LOAD_FAST", 0);
    compared.add("LOAD_CONST");
    compared.add("COMPARE_OP", 2);
    compared.add("POP_JUMP_FORWARD_IF_FALSE", kOverReturn);
    add_return(compared);
    CHECK(judge_made(ended(compared, add_return(compared))).id == "compared");

    MadeCode tested = begin();
    tested.add("LOAD_FAST", 0);
    tested.add("POP_JUMP_FORWARD_IF_FALSE", kOverReturn);
    add_return(tested);
    const Mistake mistake = judge_made(ended(tested, add_return(tested)));
    CHECK(mistake.id == "tested_for_truth");
    CHECK(mistake.sentence ==
          "save() makes a coroutine, which is always true: the test always goes the same way");
    CHECK(mistake.fix.value_or("") == "row = await save()");

    MadeCode unused = begin();
    CHECK(judge_made(ended(unused, add_return(unused))).id == "assigned_never_used");
}

TEST_CASE("what was tested before it got the coroutine was not it") {
    MadeCode code(made_layout(), "find");
    code.add("RESUME");
    code.add("LOAD_CONST");
    code.add("STORE_FAST", code.variable("row"));
    code.add("LOAD_FAST", 0);
    code.add("POP_JUMP_FORWARD_IF_NOT_NONE", kOverReturn);
    add_return(code);
    code.call("save");
    code.add("STORE_FAST", 0);
    CHECK(judge_made(ended(code, add_return(code))).id == "assigned_never_used");
}

TEST_CASE("a variable that is to be awaited may be compared") {
    MadeCode code = begin();
    code.add("LOAD_FAST", 0);
    code.add("LOAD_CONST");
    code.add("IS_OP", kIsNot);
    code.add("POP_JUMP_FORWARD_IF_FALSE", 4);
    code.add("LOAD_GLOBAL", 1);
    code.add("LOAD_FAST", 0);
    code.finish_call(1);
    code.add("POP_TOP");
    CHECK(judge_made(ended(code, add_return(code))).id == "assigned_never_used");
}

TEST_CASE("an async function of the program that calls what was registered is told to await it") {
    const auto called = [](std::uint32_t flags) {
        MadeCode code(made_layout(), "dispatch", flags);
        code.add("RESUME");
        const auto parameter = code.variable("handler");
        code.add("PUSH_NULL");
        code.add("LOAD_FAST", parameter);
        code.finish_call(0);
        const auto pop = code.add("POP_TOP");
        add_end(code);
        SiteFrame frame = code.at(pop, {0});
        Code with = *frame.code;
        with.parameters = 1;
        frame.code = std::make_shared<const Code>(std::move(with));
        return judge_made(evidence_of(made_layout(), frame, "    handler()"));
    };
    CHECK(called(0).id == "async_callback");
    CHECK_FALSE(called(0).fix);
    CHECK(called(0x80).id == "async_callback");
    CHECK(called(0x80).fix.value_or("") == "await handler()");
}

TEST_CASE("operators give on what an async method makes") {
    MadeCode code(made_layout(), "main");
    code.add("RESUME");
    const auto pop = code.add("NOP");
    add_end(code);
    DropEvidence evidence = evidence_of(made_layout(), code.at(pop, {}), "    a + b");
    const auto name = [&](const std::string& method) {
        Code made = *evidence.site.coroutine;
        made.name = method;
        evidence.site.coroutine = std::make_shared<const Code>(std::move(made));
    };
    for (const char* method : {"__add__", "__radd__", "__matmul__", "__neg__", "__missing__"}) {
        name(method);
        CHECK(judge_made(evidence).id == "async_special_method");
    }
    for (const char* method : {"add", "__add", "__cadd__", "____"}) {
        name(method);
        CHECK(judge_made(evidence).id == "unknown");
    }
}

}  // namespace corotrace::diagnose_variables_test
