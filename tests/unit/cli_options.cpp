// SPDX-License-Identifier: MIT
#include "tracer/cli/options.hpp"

#include <cmath>
#include <map>

#include "tests/support/catch.hpp"

namespace corotrace::cli::cli_options_test {
namespace {

using Variables = std::map<std::string, std::string>;
using std::chrono::milliseconds;

Result<AttachCommand> parse(const std::vector<std::string>& words, const Variables& variables = {}) {
    return parse_attach(words, [&](const std::string& name) -> const char* {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : found->second.c_str();
    });
}

AttachCommand parsed(const std::vector<std::string>& words, const Variables& variables = {}) {
    auto command = parse(words, variables);
    INFO((command ? "" : command.error().what));
    REQUIRE(command);
    return std::move(command).value();
}

std::string refused(const std::vector<std::string>& words, const Variables& variables = {}) {
    const auto command = parse(words, variables);
    REQUIRE_FALSE(command);
    CHECK(command.error().code == Errc::usage);
    return command.error().what;
}

TEST_CASE("options: when the process is traced") {
    const auto hold = [](const std::vector<std::string>& words) {
        auto all = words;
        all.insert(all.end(), {"--pid", "7"});
        const auto command = parse_attach(all, [](const std::string&) -> const char* { return nullptr; });
        return command ? std::optional(command->attach.hold) : std::nullopt;
    };
    CHECK(hold({}) == HoldMode::kUnasked);
    CHECK(hold({"--every"}) == HoldMode::kAlways);
    CHECK(hold({"--max-events", "3"}) == HoldMode::kAlways);
    CHECK(hold({"--hold", "auto"}) == HoldMode::kAuto);
    CHECK(hold({"--hold", "auto", "--max-events", "3"}) == HoldMode::kAuto);
    CHECK(hold({"--hold", "never"}) == HoldMode::kNever);
    CHECK_FALSE(hold({"--hold", "sometimes"}));
    CHECK_FALSE(hold({"--hold", "auto", "--every"}));
    CHECK_FALSE(hold({"--hold", "never", "--show-values"}));
    CHECK_FALSE(hold({"--hold", "never", "--max-events", "1"}));
    CHECK_FALSE(hold({"--hold", "never", "--read-only"}));
}

TEST_CASE("options: top takes those of attach that make sense on a screen, and an interval") {
    const auto parse = [](const std::vector<std::string>& words, const Variables& variables = {}) {
        return parse_top(words, [&](const std::string& name) -> const char* {
            const auto found = variables.find(name);
            return found == variables.end() ? nullptr : found->second.c_str();
        });
    };
    const auto command = parse({"7", "-s", "--own", "/opt/*", "--hold", "never", "-d", "9"});
    REQUIRE(command);
    CHECK(command->watch.attach.pid == 7);
    CHECK(command->watch.attach.subprocesses);
    CHECK(command->watch.attach.live_counts);
    CHECK(command->watch.attach.own == std::vector<std::string>{"/opt/*"});
    CHECK(command->watch.attach.hold == HoldMode::kNever);
    CHECK(command->watch.output.at_end);
    CHECK(command->watch.output.reports[0].format->name == "text");
    CHECK(command->interval == milliseconds(1000));
    const auto other =
        parse({"--name", "web"}, {{"COROTRACE_INTERVAL", "2s"}, {"COROTRACE_FORMAT", "jsonl"}});
    REQUIRE(other);
    CHECK(other->interval == milliseconds(2000));
    CHECK(other->watch.output.reports[0].format->name == "text");
    for (const char* not_here : {"--every", "--dry-run", "--read-only", "--strict", "--format=jsonl",
                                 "--interval=0", "--interval=99ms"}) {
        INFO(not_here);
        CHECK_FALSE(parse({"7", not_here}));
    }
}

TEST_CASE("a process id alone is enough, and everything else has its default") {
    const auto command = parsed({"1234"});
    CHECK(command.attach.pid == 1234);
    CHECK_FALSE(command.attach.duration);
    CHECK_FALSE(command.attach.max_events);
    CHECK(command.attach.include.empty());
    CHECK(command.attach.exclude.empty());
    CHECK_FALSE(command.attach.every);
    CHECK_FALSE(command.attach.native);
    CHECK_FALSE(command.attach.show_values);
    CHECK(command.attach.origin == OriginMode::kAuto);
    CHECK(command.attach.max_pause_share == 0.01);
    CHECK(command.output.reports.front().format->name == "text");
    CHECK(command.output.reports.front().path == "-");
    CHECK(command.output.color == ColorMode::kAuto);
    CHECK_FALSE(command.quiet);
    CHECK(command.verbosity == 0);
    CHECK_FALSE(command.policy.fail_on_any);
    CHECK_FALSE(command.policy.strict);
    CHECK_FALSE(command.wants_help);
}

TEST_CASE("the option --read-only does not go with what only tracing gives") {
    CHECK(parsed({"1234", "--read-only", "-d", "5", "--include", "a"}).attach.read_only);
    CHECK_FALSE(parsed({"1234"}).attach.read_only);
    for (const char* option : {"--max-events=1", "--every", "--native", "--show-values", "--show-value=a",
                               "--origin=1", "--max-pause-share=1", "--dry-run"}) {
        const std::string name = std::string(option).substr(0, std::string(option).find('='));
        CHECK(refused({"1234", "--read-only", option}).ends_with(name));
    }
}

TEST_CASE("the option --subprocesses does not go with what is of one process") {
    CHECK(parsed({"1234", "-s", "-d", "5", "--every"}).attach.subprocesses);
    CHECK_FALSE(parsed({"1234"}).attach.subprocesses);
    for (const char* option : {"--strict", "--max-events=1", "--read-only", "--dry-run"}) {
        const std::string name = std::string(option).substr(0, std::string(option).find('='));
        CHECK(refused({"1234", "--subprocesses", option}).ends_with(name));
    }
}

TEST_CASE("every option, long") {
    const auto command = parsed({"--pid",
                                 "1234",
                                 "--duration=2.5",
                                 "--max-events",
                                 "7",
                                 "--include",
                                 "a.*",
                                 "--include=b",
                                 "--exclude",
                                 "*/tests/*",
                                 "--every",
                                 "--native",
                                 "--show-values",
                                 "--origin",
                                 "3",
                                 "--max-pause-share",
                                 "0.5%",
                                 "--format",
                                 "jsonl",
                                 "--output",
                                 "out",
                                 "--color",
                                 "never",
                                 "--verbose",
                                 "--verbose",
                                 "--fail-on",
                                 "any",
                                 "--strict"});
    CHECK(command.attach.pid == 1234);
    CHECK(command.attach.duration == milliseconds(2500));
    CHECK(command.attach.max_events == 7U);
    CHECK(command.attach.include == std::vector<std::string>{"a.*", "b"});
    CHECK(command.attach.exclude == std::vector<std::string>{"*/tests/*"});
    CHECK(command.attach.every);
    CHECK(command.attach.native);
    CHECK(command.attach.show_values);
    CHECK(command.attach.origin == OriginMode::kDepth);
    CHECK(command.attach.origin_depth == 3);
    CHECK(command.attach.max_pause_share == Approx(0.005));
    CHECK(command.output.reports.front().format->name == "jsonl");
    CHECK(command.output.reports.front().path == "out");
    CHECK(command.output.color == ColorMode::kNever);
    CHECK(command.verbosity == 2);
    CHECK(command.policy.fail_on_any);
    CHECK(command.policy.strict);
}

TEST_CASE("every option, short, bundled and in any order") {
    const auto command = parsed({"-nlvv", "-d10m", "-f", "jsonl", "-o", "-", "-p", "99"});
    CHECK(command.attach.pid == 99);
    CHECK(command.attach.native);
    CHECK(command.attach.show_values);
    CHECK(command.verbosity == 2);
    CHECK(command.attach.duration == std::chrono::minutes(10));
    CHECK(command.output.reports.front().path == "-");
    CHECK(parsed({"-q", "5", "--origin", "off"}).quiet);
    CHECK(parsed({"--locals", "--", "5"}).attach.show_values);
}

TEST_CASE("a later value overrides an earlier one") {
    CHECK(parsed({"1", "-d", "5", "--duration", "7"}).attach.duration == std::chrono::seconds(7));
}

TEST_CASE("variables are defaults for what was not given") {
    const Variables variables = {{"COROTRACE_PID", "7"},      {"COROTRACE_DURATION", "1h"},
                                 {"COROTRACE_NATIVE", "yes"}, {"COROTRACE_EVERY", "0"},
                                 {"COROTRACE_VERBOSE", "2"},  {"COROTRACE_FORMAT", ""},
                                 {"COROTRACE_INCLUDE", "x*"}, {"COROTRACE_MAX_PAUSE_SHARE", "2"},
                                 {"COROTRACE_HELP", "1"},     {"COROTRACE_SOMETHING", "else"}};
    auto command = parsed({}, variables);
    CHECK(command.attach.pid == 7);
    CHECK(command.attach.duration == std::chrono::hours(1));
    CHECK(command.attach.native);
    CHECK_FALSE(command.attach.every);
    CHECK(command.verbosity == 2);
    CHECK(command.output.reports.front().format->name == "text");
    CHECK(command.attach.max_pause_share == Approx(0.02));
    CHECK_FALSE(command.wants_help);

    command = parsed({"8", "-d", "1s", "--include", "y", "-v", "--every"}, variables);
    CHECK(command.attach.pid == 8);
    CHECK(command.attach.duration == std::chrono::seconds(1));
    CHECK(command.attach.include == std::vector<std::string>{"y"});
    CHECK(command.verbosity == 1);
    CHECK(command.attach.every);
}

TEST_CASE("several reports go to several places") {
    const auto command = parsed({"1", "-f", "text", "-f", "sarif:out.sarif", "--fail-on", "never-awaited:2"});
    REQUIRE(command.output.reports.size() == 2);
    CHECK(command.output.reports[0].format->name == "text");
    CHECK(command.output.reports[0].path == "-");
    CHECK(command.output.reports[1].format->name == "sarif");
    CHECK(command.output.reports[1].path == "out.sarif");
    CHECK_FALSE(command.policy.fail_on_any);
    CHECK_FALSE(command.fail_on.empty());
    CHECK(refused({"1", "-f", "text", "-f", "sarif"}).find("two reports to standard output") == 0);
    CHECK(refused({"1", "-f", "text:a", "-f", "sarif:a"}).find("two reports to a;") == 0);
    CHECK(refused({"1", "-f", "sarif:"}) == "--format: the name of the file is empty");
}

TEST_CASE("the source root is absolute") {
    CHECK(parsed({"1", "--source-root", "/srv/app/"}).output.source_root == "/srv/app");
    CHECK(parsed({"1"}).output.source_root.front() == '/');
    CHECK(refused({"1", "--source-root", ""}) == "--source-root: '' is no folder");
}

TEST_CASE("a bad value is named with who gave it") {
    CHECK(refused({"1", "-d", "soon"}).find("--duration: 'soon' is not a time") == 0);
    CHECK(refused({"1"}, {{"COROTRACE_DURATION", "soon"}}).find("COROTRACE_DURATION: 'soon'") == 0);
    CHECK(refused({"1"}, {{"COROTRACE_NATIVE", "maybe"}}).find("COROTRACE_NATIVE: 'maybe'") == 0);
    CHECK(refused({"5", "--name", "web"}).find("two choices") != std::string::npos);
    CHECK(refused({"--match", ""}).find("pattern is empty") != std::string::npos);
    CHECK(refused({"x"}).find("PID: 'x' is not a process id") == 0);
    CHECK(refused({"1", "-f", "json"}) ==
          "--format: 'json' is not one of text, jsonl, html, sarif, junit, github, gitlab");
}

TEST_CASE("what makes no sense is refused") {
    using Words = std::vector<std::string>;
    for (const Words& words : {Words{"0"},
                               {"-5"},
                               {"1", "2"},
                               {"1", "--pid", "1"},
                               {"99999999999999999999"},
                               {"12x"},
                               {""},
                               {"1", "-d", "0"},
                               {"1", "-d", "-1"},
                               {"1", "-d", ""},
                               {"1", "-d", "1e400"},
                               {"1", "-d", "5d"},
                               {"1", "-d", "99999999h"},
                               {"1", "-d", "nan"},
                               {"1", "-d"},
                               {"1", "--max-events", "0"},
                               {"1", "--max-events", "1.5"},
                               {"1", "--max-pause-share", "0"},
                               {"1", "--max-pause-share", "101"},
                               {"1", "--max-pause-share", "nan"},
                               {"1", "--origin", "on"},
                               {"1", "--origin", "0"},
                               {"1", "--origin", "101"},
                               {"1", "--color", "yes"},
                               {"1", "--fail-on", "some"},
                               {"1", "--include", ""},
                               {"1", "-o", ""},
                               {"1", "-qv"},
                               {"1", "--native=1"},
                               {"1", "--nope"},
                               {"1", "-z"},
                               {"1", "--", " 2"}}) {
        std::string line;
        for (const std::string& word : words) line += word + " ";
        INFO(line);
        CHECK_FALSE(refused(words).empty());
    }
}

TEST_CASE("a mistyped option is told the nearest") {
    CHECK(refused({"1", "--durtion", "5"}) == "unknown option '--durtion'; did you mean '--duration'?");
    CHECK(refused({"1", "--max-event=5"}) == "unknown option '--max-event'; did you mean '--max-events'?");
    CHECK(refused({"1", "--show-valuse"}) == "unknown option '--show-valuse'; did you mean '--show-values'?");
    CHECK(refused({"1", "--xyzzy"}) == "unknown option '--xyzzy'");
    CHECK(refused({"1", "-d"}) == "--duration: its value is missing");
    CHECK(refused({"1", "--native=1"}) == "--native takes no value");
}

TEST_CASE("help and version are found among other options, right or wrong") {
    CHECK(parsed({"--help"}).wants_help);
    CHECK(parsed({"-d", "soon", "-h"}).wants_help);
    CHECK(parsed({"-V"}).wants_version);
}

TEST_CASE("times have units") {
    const auto time = [](const std::string& text) { return parsed({"1", "-d", text}).attach.duration; };
    CHECK(time("90") == milliseconds(90000));
    CHECK(time("500ms") == milliseconds(500));
    CHECK(time(".5s") == milliseconds(500));
    CHECK(time("2m") == milliseconds(120000));
    CHECK(time("0.0001") == milliseconds(1));  // rounded up, never down to nothing
}

}  // namespace
}  // namespace corotrace::cli::cli_options_test
