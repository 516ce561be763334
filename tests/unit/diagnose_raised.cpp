// SPDX-License-Identifier: MIT
// What raised, where the coroutine came to it by way of variables, lists, conditions and delegates.
#include "tests/support/catch.hpp"
#include "tests/support/made_code.hpp"

namespace corotrace::diagnose_raised_test {

namespace {

std::string indented(const std::string& line) {
    return "    " + line;
}

// An exception left `code` at this instruction, and its end emptied this variable last.
DropEvidence left(const MadeCode& code, std::int64_t at, std::optional<std::uint32_t> emptied,
                  const std::string& line) {
    MadeCode caller(made_layout(), "run");
    caller.add("RESUME");
    const auto pop = caller.add("POP_TOP");
    add_end(caller);
    DropEvidence evidence = evidence_of(made_layout(), caller.at(pop, {}), indented(line));
    SiteFrame frame = code.at(at, {});
    frame.held->emptied = emptied;
    evidence.site.raised.push_back(std::move(frame));
    return evidence;
}

// The function's only parameter still holds it.
void hold_in_parameter(SiteFrame& frame, std::uint8_t variable) {
    frame.held->variables = {variable};
    Code code = *frame.code;
    code.parameters = 1;
    frame.code = std::make_shared<const Code>(std::move(code));
}

// `user = save()`, and what comes behind it.
struct Stored {
    MadeCode code{made_layout(), "main", kCodeCoroutine};
    std::uint8_t user = 0;

    explicit Stored(const std::string& maker = "save") {
        code.add("RESUME");
        user = code.variable("user");
        code.call(maker);
        code.add("STORE_FAST", user);
    }
    void load() { code.add("LOAD_FAST", user); }
};

}  // namespace

TEST_CASE("what was compared or tested before a raise") {
    Stored compared;
    compared.load();
    compared.code.add("LOAD_CONST");
    compared.code.add("COMPARE_OP", 2);
    compared.code.add("POP_JUMP_FORWARD_IF_TRUE", 2);
    compared.code.add("LOAD_ASSERTION_ERROR");
    auto raise = compared.code.add("RAISE_VARARGS", 1);
    add_end(compared.code);
    Mistake mistake = judge_made(left(compared.code, raise, 0, "user = save()"));
    CHECK(mistake.id == "compared");
    CHECK(mistake.fix == "user = await save()");

    Stored tested;
    tested.load();
    tested.code.add("POP_JUMP_FORWARD_IF_FALSE", 2);
    tested.code.add("LOAD_ASSERTION_ERROR");
    raise = tested.code.add("RAISE_VARARGS", 1);
    add_end(tested.code);
    mistake = judge_made(left(tested.code, raise, 0, "user = save()"));
    CHECK(mistake.id == "tested_for_truth");
    CHECK(mistake.fix == "user = await save()");

    Stored other;  // of something else
    other.code.add("LOAD_CONST");
    other.code.add("POP_JUMP_FORWARD_IF_FALSE", 2);
    other.code.add("LOAD_ASSERTION_ERROR");
    raise = other.code.add("RAISE_VARARGS", 1);
    add_end(other.code);
    CHECK(judge_made(left(other.code, raise, 0, "user = save()")).id == "assigned_never_used");
}

TEST_CASE("what a call gave back was passed on, and that raised") {
    const auto passed = [](const std::string& callee) {
        Stored stored("load");
        stored.code.load_callee(callee);
        stored.load();
        const auto call = stored.code.finish_call(1);
        add_end(stored.code);
        return judge_made(left(stored.code, call, 0, "user = load()"));
    };
    const Mistake used = passed("len");
    CHECK(used.id == "used_as_value");
    CHECK(used.fix == "user = await load()");
    const Mistake plain = passed("show");  // load() may have given back what holds it
    CHECK(plain.id == "passed_to_function");
    CHECK_FALSE(plain.fix);
}

TEST_CASE("a list that was filled is given to what wants results") {
    MadeCode code(made_layout(), "main", kCodeCoroutine);
    const auto rows = code.variable("rows");
    code.add("RESUME");
    code.add("BUILD_LIST", 0);
    code.add("STORE_FAST", rows);
    code.call("save");
    code.add("LOAD_FAST", rows);
    code.add("LOAD_CONST");
    code.add("STORE_SUBSCR");
    code.load_callee("sum");
    code.add("LOAD_FAST", rows);
    const auto call = code.finish_call(1);
    add_end(code);
    // By way of an item it is not told which one is wrong.
    CHECK(judge_made(left(code, call, 0, "rows[0] = save()")).id == "exception_before_await");
}

TEST_CASE("a call that is awaited where it stands is not the one that was dropped") {
    MadeCode code(made_layout(), "main", kCodeCoroutine);
    code.add("RESUME");
    code.call("save");
    code.add("GET_AWAITABLE");
    code.add("LOAD_CONST");
    code.add("SEND", 3);
    code.add("YIELD_VALUE");
    code.add("RESUME", 3);
    code.add("JUMP_BACKWARD_NO_INTERRUPT", 4);
    code.add("STORE_FAST", code.variable("user"));
    code.add("LOAD_FAST", 0);
    code.add("LOAD_CONST");
    const auto item = code.add("BINARY_SUBSCR");
    add_end(code);
    const Mistake mistake = judge_made(left(code, item, 0, "user = await save()"));
    CHECK(mistake.id == "used_as_value");
    CHECK_FALSE(mistake.fix);
    REQUIRE(mistake.advice);
    CHECK(mistake.advice->starts_with("in save(), return await"));
}

TEST_CASE("a parameter that the function gave another value is its own") {
    const auto judged = [](bool stored) {
        MadeCode code(made_layout(), "main", kCodeCoroutine);
        const auto request = code.variable("request");
        code.add("RESUME");
        if (stored) {
            code.call("middleware");
            code.add("STORE_FAST", request);
        }
        code.add("LOAD_FAST", request);
        code.add("LOAD_CONST");
        const auto item = code.add("BINARY_SUBSCR");
        add_end(code);
        DropEvidence evidence = left(code, item, {}, "request = middleware()");
        hold_in_parameter(evidence.site.raised.front(), request);
        return judge_made(evidence).id;
    };
    CHECK(judged(true) == "used_as_value");
    CHECK(judged(false) == "passed_to_function");
}

TEST_CASE("a parameter that is changed by what raised was still what the caller gave") {
    const auto judged = [](bool in_loop) {
        MadeCode code(made_layout(), "slug");
        const auto text = code.variable("text");
        code.add("RESUME");
        const auto load = code.add("LOAD_FAST", text);
        code.load_callee("lower");  // a name, for the method below
        code.add("POP_TOP");
        code.add("POP_TOP");
        const auto method = code.add("LOAD_METHOD", 0);
        code.add("PRECALL", 0);
        code.add("CALL", 0);
        const auto store = code.add("STORE_FAST", text);
        if (in_loop) code.add("JUMP_BACKWARD", static_cast<std::uint8_t>((store + 4 - load) / 2));
        add_end(code);
        DropEvidence evidence = left(code, method, {}, "text = text.lower()");
        hold_in_parameter(evidence.site.raised.front(), text);
        return judge_made(evidence).id;
    };
    CHECK(judged(false) == "passed_to_function");
    CHECK(judged(true) == "used_as_value");
}

TEST_CASE("what no line would have awaited, had something else not raised before") {
    // `user = save(); prepare(); ...`: prepare() raises.
    const auto judged = [](const auto& write_use) {
        Stored stored;
        const auto raised = stored.code.call("prepare");
        stored.code.add("POP_TOP");
        write_use(stored);
        add_end(stored.code);
        return judge_made(left(stored.code, raised, 0, "user = save()"));
    };
    Mistake mistake = judged([](Stored&) {});
    CHECK(mistake.id == "assigned_never_used");
    CHECK(mistake.fix == "user = await save()");
    mistake = judged([](Stored& stored) {
        stored.load();
        stored.code.add("LOAD_CONST");
        stored.code.add("BINARY_SUBSCR");
        stored.code.add("POP_TOP");
    });
    CHECK(mistake.id == "used_as_value");
    CHECK(mistake.fix == "user = await save()");
    mistake = judged([](Stored& stored) {  // a key and the value, in what is returned
        stored.code.add("LOAD_CONST");
        stored.load();
        stored.code.add("BUILD_MAP", 1);
        stored.code.add("RETURN_VALUE");
    });
    CHECK(mistake.id == "kept_in_container");
    mistake = judged([](Stored& stored) {
        stored.code.load_callee("len");
        stored.load();
        stored.code.finish_call(1);
        stored.code.add("POP_TOP");
    });
    CHECK(mistake.id == "used_as_value");

    // Where the caller, or what it is given to, may await it.
    mistake = judged([](Stored& stored) {
        stored.load();
        stored.code.add("RETURN_VALUE");
    });
    CHECK(mistake.id == "exception_before_await");
    mistake = judged([](Stored& stored) {
        stored.code.load_callee("spawn");
        stored.load();
        stored.code.finish_call(1);
        stored.code.add("POP_TOP");
    });
    CHECK(mistake.id == "exception_before_await");
    mistake = judged([](Stored& stored) {  // self.user = user
        stored.load();
        stored.code.load_callee("user");
        stored.code.add("STORE_ATTR", 0);
        stored.code.add("POP_TOP");
    });
    CHECK(mistake.id == "exception_before_await");
    mistake = judged([](Stored& stored) {
        stored.load();
        stored.code.add("BUILD_LIST", 1);
        stored.code.add("RETURN_VALUE");
    });
    CHECK(mistake.id == "exception_before_await");
    mistake = judged([](Stored& stored) {
        stored.load();
        stored.code.add("GET_AWAITABLE");
        stored.code.add("POP_TOP");
    });
    CHECK(mistake.id == "exception_before_await");
}

TEST_CASE("an item of a list that was filled by append()") {
    MadeCode code(made_layout(), "main", kCodeCoroutine);
    const auto found = code.variable("found");
    code.add("RESUME");
    code.add("BUILD_LIST", 0);
    code.add("STORE_FAST", found);
    code.load_callee("append");  // a name, for the method below
    code.add("POP_TOP");
    code.add("POP_TOP");
    code.add("LOAD_FAST", found);
    code.add("LOAD_METHOD", 0);
    code.call("save");
    code.finish_call(1);
    code.add("POP_TOP");
    code.add("LOAD_FAST", found);
    code.add("LOAD_CONST");
    code.add("BINARY_SUBSCR");
    code.add("LOAD_CONST");
    const auto item = code.add("BINARY_SUBSCR");
    add_end(code);
    const Mistake mistake = judge_made(left(code, item, {}, "found.append(save())"));
    CHECK(mistake.id == "used_as_value");
    CHECK(mistake.fix == "found.append(await save())");
}

TEST_CASE("names that lead to the coroutine's function prove which call made it") {
    const auto judged = [](std::vector<std::string> names) {
        MadeCode code(layout_named("3.11"), "main");
        code.add("RESUME");
        code.call("save");
        const auto pop = code.add("POP_TOP");
        add_end(code);
        SiteFrame frame = code.at(pop, {0});
        frame.call_names = std::move(names);
        const Finding finding = make_finding(evidence_of(made_layout(), frame, "    save()"), PreviewCaps{});
        return finding.created.how;
    };
    CHECK(judged({"save"}) == CreationSource::kInferred);
    CHECK(judged({"self.save"}) == CreationSource::kUnknown);
    CHECK(judged({}) == CreationSource::kUnknown);
}

TEST_CASE("a function of another name that was put into a class is called as a method") {
    const auto judged = [](const std::string& qualname) {
        MadeCode code(made_layout(), "main", kCodeCoroutine);
        code.add("RESUME");
        code.add("LOAD_FAST", code.variable("client"));
        code.load_callee("post");  // a name, for the method below
        code.add("POP_TOP");
        code.add("POP_TOP");
        code.add("LOAD_METHOD", 0);
        code.add("PRECALL", 0);
        code.add("CALL", 0);
        const auto pop = code.add("POP_TOP");
        add_end(code);
        DropEvidence evidence = evidence_of(made_layout(), code.at(pop, {0}), "    client.post()");
        Code request;
        request.name = "request";
        request.qualname = qualname;
        request.filename = "/srv/store.py";
        request.address = RemoteAddr{0x1000};
        evidence.coroutine->name = "request";
        evidence.coroutine->qualname = qualname;
        evidence.coroutine->arguments.push_back(
            {.name = "self", .type = "Client", .value = {}, .hidden = false});
        evidence.site.coroutine = std::make_shared<const Code>(std::move(request));
        evidence.site.last_callee = RemoteAddr{0x1000};
        return judge_made(evidence);
    };
    const Mistake made = judged("make_request.<locals>.request");
    CHECK(made.id == "result_discarded");
    CHECK(made.fix == "await client.post()");
    CHECK(judged("Client.request").id == "async_callback");  // that somebody put into an attribute
}

}  // namespace corotrace::diagnose_raised_test
