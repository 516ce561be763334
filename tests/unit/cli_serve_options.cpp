// SPDX-License-Identifier: MIT
#include "tracer/cli/serve_options.hpp"

#include "tests/support/catch.hpp"

namespace corotrace::cli::cli_serve_options_test {

namespace {

Result<ServeCommand> parse(const std::vector<std::string>& words) {
    return parse_serve(
        words, [](const std::string& name) { return name == "COROTRACE_USER" ? "www-data" : nullptr; });
}

TEST_CASE("serve traces only while wanted, and shows no values") {
    const auto command = parse({"--name", "gunicorn*", "--own", "*/shop/*", "--max-pause-share", "0.5"});
    REQUIRE(command.ok());
    const AttachOptions& watch = command->serve.watch;
    CHECK(watch.hold == HoldMode::kAuto);
    CHECK_FALSE(watch.show_values);
    CHECK(watch.show_value_of.empty());
    CHECK(watch.max_pause_share == 0.005);
    CHECK((command->serve.filter.name == "gunicorn*"));
    CHECK((command->serve.filter.user == "www-data"));
    CHECK(parse({"--hold", "never"})->serve.watch.hold == HoldMode::kNever);
    CHECK(parse({"--help"})->wants_help);
}

TEST_CASE("who may read what serve answers") {
    const auto command =
        parse({"--listen", "9736", "--token-file", "t", "--tls-certificate", "c", "--tls-key", "k"});
    REQUIRE(command.ok());
    CHECK((command->access.token == "t"));
    REQUIRE(command->access.tls.has_value());
    CHECK((command->access.tls->certificate == "c"));
    CHECK((command->access.tls->key == "k"));
    CHECK((parse({"--listen", "9736", "--tls-certificate", "c"})->access.tls->key == "c"));
    CHECK_FALSE(parse({"--listen", "9736"})->access.tls.has_value());
    CHECK(is_for_probes("/-/healthy"));
    CHECK(is_for_probes("/-/ready"));
    for (const char* path : {"", "/", "/-/", "/-/ready/", "/metrics", "/sites"})
        CHECK_FALSE(is_for_probes(path));
}

TEST_CASE("serve listens off this host with a token and TLS, or where that is said to be wanted") {
    const std::vector<std::string> off{"--listen", "0.0.0.0:9736"};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), off.begin(), off.end());
        return parse(more);
    };
    CHECK(with({"--token-file", "t", "--tls-certificate", "c"}).ok());
    CHECK(with({"--insecure-listen"}).ok());
    for (const char* local : {"9736", "127.0.0.2:9736", "[::1]:9736", "localhost:9736", "unix:/x"})
        CHECK(parse({"--listen", local}).ok());
    const auto says = [&](const std::vector<std::string>& more, const std::string& what) {
        const auto refused = with(more);
        REQUIRE_FALSE(refused.ok());
        CHECK(refused.error().code == Errc::usage);
        CHECK(refused.error().what.find(what) != std::string::npos);
    };
    says({}, "add --tls-certificate and --token-file, or --insecure-listen");
    says({"--token-file", "t"}, "add --tls-certificate, or --insecure-listen");
    says({"--tls-certificate", "c"}, "add --token-file, or --insecure-listen");
    CHECK_FALSE(parse({"--listen", "[::]:9736"}).ok());
    const auto from_file = [](const std::string& text) {
        return parse_serve(
            {"--config", "f"}, [](const std::string&) -> const char* { return nullptr; },
            [&](const std::string&) -> Result<std::string> { return text; });
    };
    CHECK_FALSE(from_file("listen = \"0.0.0.0:9736\"\n").ok());
    CHECK(from_file("listen = \"0.0.0.0:9736\"\ninsecure-listen = true\n").ok());
}

TEST_CASE("what serve does not take is a usage error") {
    for (const auto& words :
         std::vector<std::vector<std::string>>{{"4711"},
                                               {"--show-values"},
                                               {"--name", ""},
                                               {"--hold", "often"},
                                               {"-q", "-v"},
                                               {"--own", ""},
                                               {"--token-file", "t"},
                                               {"--tls-certificate", "c"},
                                               {"--listen", "1", "--tls-key", "k"},
                                               {"--listen", "1", "--token-file", ""},
                                               {"--listen", "unix:/x", "--tls-certificate", "c"}}) {
        const auto command = parse(words);
        INFO(words.front());
        REQUIRE_FALSE(command.ok());
        CHECK(command.error().code == Errc::usage);
    }
}

}  // namespace

}  // namespace corotrace::cli::cli_serve_options_test
