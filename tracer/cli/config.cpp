// SPDX-License-Identifier: MIT
// The verb config: says whether a file of options is right, before a service depends on it.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "symbols/escape.hpp"
#include "tracer/cli/config_file.hpp"
#include "tracer/cli/help.hpp"
#include "tracer/cli/serve_options.hpp"
#include "tracer/cli/verb.hpp"

namespace corotrace::cli {
namespace {

constexpr OptionSpec kConfigOptions[] = {{"--help", "-h", false, false}};

// The one thing that can be done: corotrace config check FILE [-- OPTION...].
Result<std::string> find_file(const Arguments& arguments) {
    const auto& words = arguments.positionals();
    if (words.empty() || words[0] != "check")
        return Error{Errc::usage, 0, "what is to be done? corotrace config check FILE"};
    const bool more_files = words.size() > 2 && !words[2].starts_with("-");
    if (words.size() < 2 || words[1].empty() || more_files)
        return Error{Errc::usage, 0,
                     "config check takes one file: corotrace config check FILE [-- OPTION...]"};
    return words[1];
}

// The command line of serve with this file: whether serve would begin depends on the rest of it, too.
std::vector<std::string> make_serve_words(const Arguments& arguments, const std::string& path) {
    std::vector<std::string> words{"--config", path};
    words.insert(words.end(), arguments.positionals().begin() + 2, arguments.positionals().end());
    return words;
}

}  // namespace

ExitCode run_config_verb(const std::vector<std::string>& words) {
    const auto arguments = Arguments::parse(kConfigOptions, words, [](const auto&) { return nullptr; });
    if (!arguments) return print_usage_error(arguments.error(), "corotrace config --help");
    if (arguments->count("--help") > 0) {
        std::fputs(std::string(config_help()).c_str(), stdout);
        return ExitCode::kDone;
    }
    const auto path = find_file(*arguments);
    if (!path) return print_usage_error(path.error(), "corotrace config --help");
    const auto text = read_config_text(*path);
    if (!text) return print_error(text.error());
    const auto faults = find_serve_faults(*text, *path);
    for (const std::string& fault : faults) std::fputs((printable(fault) + "\n").c_str(), stderr);
    if (!faults.empty()) return ExitCode::kUsage;
    const auto serve_words = make_serve_words(*arguments, *path);
    const auto serve = parse_serve(
        serve_words, [](const std::string& name) { return std::getenv(name.c_str()); },
        [&](const std::string&) -> Result<std::string> { return *text; });
    if (!serve) return print_usage_error(serve.error(), "corotrace serve --help");
    std::fputs(printable(fmt::format("{}: fine; start it with: corotrace serve {}\n", *path,
                                     fmt::join(serve_words, " ")))
                   .c_str(),
               stdout);
    return ExitCode::kDone;
}

}  // namespace corotrace::cli
