// SPDX-License-Identifier: MIT
#include "tracer/cli/verb.hpp"

#include "tests/support/catch.hpp"
#include "tracer/cli/suggest.hpp"

namespace corotrace::cli::cli_verb_test {
namespace {

ExitCode run_nothing(const std::vector<std::string>& words) {
    return words.empty() ? ExitCode::kDone : ExitCode::kFindings;
}

constexpr Verb kVerbs[] = {{"attach", run_nothing}, {"detach", run_nothing}, {"doctor", run_nothing}};

std::string refused(std::string_view word) {
    const auto verb = find_verb(kVerbs, word);
    REQUIRE_FALSE(verb);
    CHECK(verb.error().code == Errc::usage);
    return verb.error().what;
}

TEST_CASE("a verb is found by a beginning that only it has") {
    CHECK(find_verb(kVerbs, "attach")->name == "attach");
    CHECK(find_verb(kVerbs, "a")->name == "attach");
    CHECK(find_verb(kVerbs, "de")->name == "detach");
    CHECK(refused("d") == "'d' may be detach or doctor");
    CHECK(refused("").find("unknown verb") == 0);
}

TEST_CASE("a mistyped verb is told the nearest, a number and an option what is missing") {
    CHECK(refused("atach") == "unknown verb 'atach'; did you mean 'attach'?");
    CHECK(refused("1234") == "'1234' is no verb; did you mean: corotrace attach 1234");
    CHECK(refused("--pid").find("options of a verb stand after it") != std::string::npos);
}

TEST_CASE("the words after the verb are its own") {
    CHECK(run_program(kVerbs, {"doc"}) == ExitCode::kDone);
    CHECK(run_program(kVerbs, {"doc", "x"}) == ExitCode::kFindings);
}

TEST_CASE("the nearest word is within two slips and not too far for its length") {
    constexpr std::string_view kWords[] = {"--pid", "--duration", "--every"};
    CHECK(find_similar("--dur", kWords) == "--duration");
    CHECK(find_similar("--pdi", kWords) == "--pid");
    CHECK(find_similar("--evrey", kWords) == "--every");
    CHECK(find_similar("--duratoin", kWords) == "--duration");
    CHECK_FALSE(find_similar("--nothing", kWords));
    CHECK_FALSE(find_similar("", kWords));
    CHECK_FALSE(find_similar(std::string(1000, 'x'), kWords));
    constexpr std::string_view kShort[] = {"a"};
    CHECK_FALSE(find_similar("b", kShort));
}

}  // namespace
}  // namespace corotrace::cli::cli_verb_test
