// SPDX-License-Identifier: MIT
#include "tracer/diagnose/warning_fate.hpp"

#include "tests/support/catch.hpp"

namespace corotrace::diagnose_warning_fate_test {

namespace {

std::string fit(const std::string& regex, const std::string& text, bool goes_on = false) {
    const auto result = fits({.text = regex, .is_regex = true, .ignores_case = false}, text, goes_on);
    return result ? (*result ? "fits" : "other") : "unknown";
}

WarningFilter filter(const std::string& action) {
    return {.action = action, .category = "RuntimeWarning", .message = {}, .module = {}, .line = 0};
}

const OwnWarning kWarning{
    .text = "coroutine 'save' was never awaited", .has_origin = false, .line = 7, .module = "app"};

}  // namespace

TEST_CASE("a filter's expression fits the start of a text") {
    CHECK(fit("coroutine", "coroutine 'save'") == "fits");
    CHECK(fit("save", "coroutine 'save'") == "other");
    CHECK(fit(".*save", "coroutine 'save'") == "fits");
    CHECK(fit("", "anything") == "fits");
    CHECK(fit("^a+b*c\\.\\Z", "aac.") == "fits");
    CHECK(fit("^a+b*c\\.\\Z", "bc.") == "other");
    CHECK(fit("a$", "ab") == "other");
    CHECK(fit(".*b", "a\nb") == "other");
    CHECK(fit(".*.*.*.*.*.*.*.*x", std::string(2000, 'a')) == "other");
}

TEST_CASE("an expression that takes more to understand is not known") {
    for (const char* regex :
         {"(a)", "[a]", "a|b", "a?", "a{2}", "\\w", "a**", "*", "\\", "a$b", "caf\xc3\xa9"}) {
        CHECK(fit(regex, "a") == "unknown");
    }
    CHECK(fit("a", "a", true) == "fits");
    CHECK(fit("a$", "a", true) == "unknown");
    CHECK_FALSE(fits({.text = "a", .is_regex = false, .ignores_case = false}, "a", true));
}

TEST_CASE("the first filter that fits decides what becomes of the warning") {
    WarningFilter elsewhere = filter("ignore");
    elsewhere.line = 8;
    const auto facts = judge_warning({elsewhere, filter("always"), filter("error")}, "default", kWarning);
    REQUIRE(facts);
    CHECK(facts->state == WarningState::kShown);
    CHECK(facts->filter == "always::RuntimeWarning");
    const auto unfiltered = judge_warning({elsewhere}, "default", kWarning);
    REQUIRE(unfiltered);
    CHECK(unfiltered->state == WarningState::kDeduplicated);
    CHECK_FALSE(unfiltered->filter);
}

TEST_CASE("a filter that may fit or not leaves it unknown, unless another part of it does not fit") {
    WarningFilter unclear = filter("ignore");
    unclear.message = WarningPattern{.text = "(x)", .is_regex = true, .ignores_case = true};
    CHECK_FALSE(judge_warning({unclear, filter("always")}, "default", kWarning));
    unclear.line = 8;
    CHECK(judge_warning({unclear, filter("always")}, "default", kWarning));
    CHECK_FALSE(judge_warning({filter("fancy")}, "default", kWarning));
    CHECK_FALSE(judge_warning({}, "fancy", kWarning));
}

}  // namespace corotrace::diagnose_warning_fate_test
