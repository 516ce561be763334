// SPDX-License-Identifier: MIT
#include <fstream>
#include <iterator>

#include "tests/support/catch.hpp"
#include "tests/support/test_data.hpp"
#include "tracer/cli/config_file.hpp"
#include "tracer/cli/serve_options.hpp"

namespace corotrace::cli::cli_config_file_test {
namespace {

Result<ServeCommand> parse(const std::vector<std::string>& words, const std::string& text,
                           const char* hold = nullptr) {
    return parse_serve(
        words, [&](const std::string& name) { return name == "COROTRACE_HOLD" ? hold : nullptr; },
        [&](const std::string& path) -> Result<std::string> {
            if (path == "serve.toml") return text;
            return Error{Errc::not_found, 0, "no such file"};
        });
}

std::vector<std::string> faults(const std::string& text) {
    return find_serve_faults(text, "serve.toml");
}

}  // namespace

TEST_CASE("config: a file gives what neither the command line nor a variable does") {
    const std::string text =
        "hold = 'never'\nname = 'shop*'\nmax-pause-share = 0.5\norigin = 5\nown = ['/srv/*', '/opt/*']\n"
        "listen = 9736\nverbose = 2\n";
    const auto command = parse({"--config", "serve.toml"}, text);
    REQUIRE(command.ok());
    CHECK(command->serve.watch.hold == HoldMode::kNever);
    CHECK((command->serve.filter.name == "shop*"));
    CHECK(command->serve.watch.max_pause_share == 0.005);
    CHECK(command->serve.watch.origin_depth == 5);
    CHECK(command->serve.watch.own == std::vector<std::string>{"/srv/*", "/opt/*"});
    CHECK(command->listen.has_value());
    CHECK(command->verbosity == 2);
    CHECK(parse({"--config", "serve.toml"}, text, "auto")->serve.watch.hold == HoldMode::kAuto);
    const auto both = parse({"--config", "serve.toml", "--hold", "always", "--own", "/a"}, text, "auto");
    CHECK(both->serve.watch.hold == HoldMode::kAlways);
    CHECK(both->serve.watch.own == std::vector<std::string>{"/a"});
    CHECK_FALSE(parse({"--config", "serve.toml"}, "quiet = false")->quiet);
    CHECK(parse({"--config", "serve.toml"}, "quiet = true")->quiet);
}

TEST_CASE("config: what its parser takes for granted is a fault like others") {
    for (const char* text : {"[!]\n", "[[ ?", "[", "[\x01]", "[=]\n", "\xc3\xa4 = 1\n"}) {
        CAPTURE(text);
        const auto found = faults("quiet = true\n" + std::string(text));
        REQUIRE(found.size() == 1);
        CHECK(found[0].starts_with("serve.toml:2:"));
    }
}

TEST_CASE("config: faults have line and column, and all are told") {
    CHECK(faults("hold = 'auto'\n").empty());
    CHECK(faults("").empty());
    const auto found = faults("nme = 'a'\n  quiet = 'very'\nname = ['a']\n[serve]\nlisten = 1\n");
    REQUIRE(found.size() == 4);
    CHECK(found[0] == "serve.toml:1:1: unknown option 'nme'; did you mean 'name'?");
    CHECK(found[1] == "serve.toml:2:11: 'quiet' takes true, false or a number");
    CHECK(found[2] == "serve.toml:3:8: 'name' takes one value, no array");
    CHECK(found[3].find("'serve' is a table; options stand at the top level") != std::string::npos);
    const auto values = faults("hold = 'often'\nlisten = '1.2.3.4:x'\nmax-pause-share = 200\n");
    REQUIRE(values.size() == 3);
    CHECK(values[0].starts_with("serve.toml:1:8: hold: "));
    CHECK(values[1].starts_with("serve.toml:2:10: listen: "));
    CHECK(values[2].starts_with("serve.toml:3:19: max-pause-share: "));
    const auto broken = faults("hold = \n");
    REQUIRE(broken.size() == 1);
    CHECK(broken[0].starts_with("serve.toml:1:"));
    // Only together.
    CHECK(faults("quiet = true\nverbose = true\n").size() == 1);
    for (const char* text : {"help = true", "version = true", "config = 'other.toml'"})
        CHECK(faults(text).size() == 1);
}

TEST_CASE("config: what is wrong with the file ends serve before it begins") {
    const auto wrong = parse({"--config", "serve.toml"}, "hold = 'often'");
    REQUIRE_FALSE(wrong.ok());
    CHECK(wrong.error().code == Errc::usage);
    CHECK(wrong.error().what.starts_with("serve.toml:1:8: "));
    const auto unknown = parse({"--config", "serve.toml"}, "x = 1\ny = 2");
    REQUIRE_FALSE(unknown.ok());
    CHECK(unknown.error().what.find("corotrace config check serve.toml") != std::string::npos);
    CHECK_FALSE(parse({"--config", "other.toml"}, "").ok());
    CHECK_FALSE(parse({"--config", ""}, "").ok());
}

TEST_CASE("config: the example is right") {
    std::ifstream file(test::test_data("../scripts/deploy/serve.toml"));
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    CHECK(text.size() > 100);
    CHECK(faults(text).empty());
}

}  // namespace corotrace::cli::cli_config_file_test
