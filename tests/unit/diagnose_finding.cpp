// SPDX-License-Identifier: MIT
// Findings that are made of made-up evidence: cause, mistake and fix by made-up bytecode, sources and
// filters.
#include "tests/support/catch.hpp"
#include "tests/support/made_code.hpp"
#include "tracer/diagnose/drop_cause.hpp"
#include "tracer/diagnose/finding_maker.hpp"
#include "tracer/findings/site_ledger.hpp"

namespace corotrace::diagnose_finding_test {

namespace {

const PreviewCaps kCaps{};

Finding find(const DropEvidence& evidence) {
    Finding finding = make_finding(evidence, kCaps);
    REQUIRE(finding.mistake);
    return finding;
}

// `save()` as a statement, in a function with these flags.
DropEvidence discarded(const Layout& layout, std::uint32_t flags) {
    MadeCode code(layout, "main", flags);
    code.add("RESUME");
    code.call("save");
    const auto pop = code.add("POP_TOP");
    code.add("LOAD_CONST");
    code.add("RETURN_VALUE");
    return evidence_of(layout, code.at(pop, {0}), "    save()");
}

}  // namespace

TEST_CASE("a statement that throws the coroutine away") {
    const Finding finding = find(discarded(layout_named("3.11"), kCodeCoroutine));
    CHECK(finding.kind == FindingKind::kCoroutine);
    CHECK(finding.mistake->id == "result_discarded");
    CHECK(finding.mistake->fix == "await save()");
    CHECK_FALSE(finding.mistake->advice);
    CHECK(finding.dropped.cause == DropCause::kRefcount);
    REQUIRE(finding.dropped.frames);
    REQUIRE(finding.dropped.frames->size() == 1);
    CHECK(finding.dropped.frames->front().line == 2);
    CHECK(finding.dropped.frames->front().source == "    save()");
    CHECK(finding.coroutine.file == "/srv/store.py");
}

TEST_CASE("the same evidence makes the same finding, and only the ledger names and counts it") {
    const DropEvidence evidence = discarded(layout_named("3.11"), 0);
    Finding first = find(evidence);
    Finding second = find(evidence);
    CHECK(first.fingerprint.empty());
    CHECK(first.mistake->fix == second.mistake->fix);
    CHECK(first.mistake->fix != "await save()");  // main() is a plain function
    SiteLedger ledger;
    ledger.add(first, 8);
    ledger.add(second, 8);
    CHECK(first.fingerprint.size() == 16);
    CHECK(first.fingerprint == second.fingerprint);
    CHECK(first.first_at_site);
    CHECK_FALSE(second.first_at_site);
    CHECK(second.count == 2U);
}

TEST_CASE("a special method is made plain on its own line, where that can be read") {
    const Layout& layout = layout_named("3.11");
    DropEvidence evidence = discarded(layout, kCodeCoroutine);
    Code code;
    code.name = code.qualname = "__len__";
    code.filename = "/srv/store.py";
    code.first_line = 2;
    evidence.coroutine->name = evidence.coroutine->qualname = "__len__";
    evidence.coroutine->code = std::make_shared<const Code>(std::move(code));
    evidence.site.coroutine = evidence.coroutine->code;
    CHECK(find(evidence).mistake->id == "async_special_method");
    CHECK_FALSE(find(evidence).mistake->fix);
    CHECK(find(evidence).mistake->advice);
    const auto define = [&](const std::string& text) {
        evidence.sources.add("/srv/store.py", std::make_shared<const SourceText>("class Rows:\n" + text));
        return find(evidence).mistake->fix;
    };
    CHECK(define("    @cached\n    async def __len__(self):\n") == "def __len__(self):");
    CHECK(define("    async def __len__(\n        self):\n") == std::nullopt);
}

TEST_CASE("a coroutine that is tested for truth") {
    const Layout& layout = layout_named("3.11");
    MadeCode code(layout, "main");
    code.add("RESUME");
    code.call("save");
    const auto jump = code.add("POP_JUMP_FORWARD_IF_FALSE", 0);
    code.add("LOAD_CONST");
    code.add("RETURN_VALUE");
    CHECK(find(evidence_of(layout, code.at(jump, {0}), "    if save():")).mistake->id == "tested_for_truth");
}

TEST_CASE("a `finally` of 3.8 that was entered without an exception is none") {
    const Layout& layout = layout_named("3.8");
    MadeCode code(layout, "main");
    code.add("SETUP_FINALLY", 4);
    code.add("POP_BLOCK");
    code.add("BEGIN_FINALLY");
    code.load_callee("save");
    code.add("CALL_FUNCTION");
    const auto pop = code.add("POP_TOP");
    code.add("END_FINALLY");
    code.add("LOAD_CONST");
    code.add("RETURN_VALUE");
    // The interpreter pushed one operand in front of the call, where an exception would have been six.
    CHECK(find(evidence_of(layout, code.at(pop, {1}), "    save()")).dropped.cause == DropCause::kRefcount);
}

TEST_CASE("a coroutine that is passed where a value belongs") {
    const Layout& layout = layout_named("3.11");
    for (const auto& [callee, id] :
         {std::pair{"log", "passed_to_function"}, std::pair{"str", "formatted"},
          std::pair{"len", "used_as_value"}, std::pair{"call_soon", "passed_as_callback"}}) {
        MadeCode code(layout, "main");
        code.add("RESUME");
        code.load_callee(callee);
        code.call("save");
        const auto call = code.finish_call(1);
        code.add("POP_TOP");
        code.add("LOAD_CONST");
        code.add("RETURN_VALUE");
        // Below it are a null and the callee.
        CHECK(find(evidence_of(layout, code.at(call, {2}), "    log(save())")).mistake->id == id);
    }
}

TEST_CASE("a variable that is never used ends with its function") {
    const Layout& layout = layout_named("3.11");
    MadeCode inner(layout, "inner");
    inner.add("RESUME");
    inner.call("save");
    inner.add("STORE_FAST", inner.variable("result"));
    inner.add("LOAD_CONST");
    const auto end = inner.add("RETURN_VALUE");
    MadeCode outer(layout, "main");
    outer.add("RESUME");
    const auto call = outer.call("inner");
    outer.add("POP_TOP");
    DropEvidence evidence = evidence_of(layout, outer.at(call, {}), "    result = save()");
    SiteFrame ended = inner.at(end, {});
    ended.held->variables = {0};
    evidence.site.ended = ended;
    const Finding finding = find(evidence);
    CHECK(finding.dropped.cause == DropCause::kFrameEnd);
    CHECK(finding.mistake->id == "assigned_never_used");
    REQUIRE(finding.dropped.ended);
    CHECK(finding.dropped.ended->name == "inner");
    CHECK(finding.dropped.ended->source == "    result = save()");

    // At an instruction that runs no other function none can have ended.
    const auto pop = outer.add("POP_TOP");
    DropEvidence other = evidence_of(layout, outer.at(pop, {}), "");
    other.site.ended = ended;
    CHECK_FALSE(find(other).dropped.ended);
    CHECK(other.site.ended);  // the evidence stays
    other.site.ended_for_sure = true;
    CHECK(find(other).dropped.ended);
}

TEST_CASE("the causes that need no look at the code") {
    const Layout& layout = layout_named("3.11");
    DropEvidence collected = discarded(layout, 0);
    collected.site.collecting = true;
    collected.site.refcount = 2;
    CHECK(find(collected).dropped.cause == DropCause::kCyclicGc);
    CHECK(find(collected).mistake->id == "kept_in_cycle");
    // One reference: it went away while the collector was at work, and not by it.
    collected.site.refcount = 1;
    CHECK(find(collected).dropped.cause != DropCause::kCyclicGc);

    DropEvidence bare = discarded(layout, 0);
    bare.site.frames.clear();
    bare.stack->frames.clear();
    bare.site.main_thread = false;
    CHECK(find(bare).dropped.cause == DropCause::kThreadExit);
    CHECK(find(bare).mistake->id == "held_at_thread_exit");
    bare.site.main_thread = true;
    CHECK(find(bare).mistake->id == "async_callback");
    bare.site.finalizing = true;
    CHECK(find(bare).dropped.cause == DropCause::kShutdown);
    CHECK(find(bare).mistake->id == "held_at_exit");
    bare.stack.reset();
    CHECK(find(bare).dropped.cause == DropCause::kUnknown);
    CHECK_FALSE(find(bare).dropped.frames);
}

TEST_CASE("what is not known is not guessed") {
    const Layout& layout = layout_named("3.11");
    DropEvidence evidence = discarded(layout, 0);
    evidence.site.frames.front().bytecode.reset();
    CHECK(find(evidence).mistake->id == "unknown");
    CHECK(find(evidence).dropped.cause == DropCause::kUnknown);
    evidence = discarded(layout, 0);
    evidence.site.frames.front().byte_offset = 1'000'000;
    CHECK(find(evidence).mistake->id == "unknown");
    // Opcodes of no version.
    Bytecode garbage;
    garbage.units.assign(64, std::byte{0xfe});
    evidence.site.frames.front().bytecode = std::make_shared<const Bytecode>(garbage);
    evidence.site.frames.front().byte_offset = 2;
    CHECK(find(evidence).mistake->id == "unknown");
    evidence.coroutine.reset();
    evidence.site.coroutine.reset();
    CHECK_FALSE(find(evidence).coroutine.qualname);
}

TEST_CASE("an exception's handler that lets go of it") {
    const Layout& layout = layout_named("3.11");
    MadeCode code(layout, "main");
    code.add("RESUME");
    const auto raise = code.add("RERAISE");
    CHECK(find(evidence_of(layout, code.at(raise, {}), "")).dropped.cause == DropCause::kException);
}

TEST_CASE("what stands above the value stack is not held") {
    const Layout& layout = layout_named("3.11");
    MadeCode code(layout, "main");
    code.add("RESUME");
    const auto raise = code.add("RERAISE");
    DropSite site;
    site.frames.push_back(code.at(raise, {4}));
    CHECK(may_drop_exception(layout, site));

    MadeCode calls(layout, "main");
    calls.add("RESUME");
    calls.load_callee("log");
    calls.call("save");
    const auto call = calls.finish_call(1);
    site.frames = {calls.at(call, {2})};
    CHECK_FALSE(may_drop_exception(layout, site));
    site.frames = {calls.at(call, {3})};
    CHECK(may_drop_exception(layout, site));
}

TEST_CASE("what becomes of the warning is told by the filters that were copied") {
    const Layout& layout = layout_named("3.11");
    DropEvidence evidence = discarded(layout, 0);
    CHECK_FALSE(find(evidence).warning);
    evidence.warning =
        WarningEvidence{.filters = {{.action = "ignore",
                                     .category = "RuntimeWarning",
                                     .message = {},
                                     .module = WarningPattern{.text = "app", .is_regex = false},
                                     .line = 0}},
                        .default_action = "always",
                        .handler = "own",
                        .module = "app"};
    REQUIRE(find(evidence).warning);
    CHECK(find(evidence).warning->state == WarningState::kHidden);
    CHECK_FALSE(find(evidence).warning->handler);
    evidence.warning->module = "other";
    CHECK(find(evidence).warning->state == WarningState::kShown);
    CHECK(find(evidence).warning->handler == "own");
    evidence.warning->module.reset();
    CHECK_FALSE(find(evidence).warning);
}

TEST_CASE("the files of which a finding shows lines, each once") {
    DropEvidence evidence = discarded(layout_named("3.11"), 0);
    evidence.origin = {{.file = "/srv/made.py", .line = 3, .function = "make"},
                       {.file = "<string>", .line = 1, .function = "<module>"}};
    auto files = list_files(evidence);
    std::ranges::sort(files);
    CHECK(files == std::vector<std::string>{"/srv/app.py", "/srv/made.py", "/srv/store.py"});
}

}  // namespace corotrace::diagnose_finding_test
