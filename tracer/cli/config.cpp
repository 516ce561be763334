// SPDX-License-Identifier: MIT
// The verb config: says whether a file of options is right, before a service depends on it.
#include <fmt/format.h>

#include <cstdio>

#include "symbols/escape.hpp"
#include "tracer/cli/config_file.hpp"
#include "tracer/cli/help.hpp"
#include "tracer/cli/serve_options.hpp"
#include "tracer/cli/verb.hpp"

namespace corotrace::cli {
namespace {

constexpr OptionSpec kConfigOptions[] = {{"--help", "-h", false, false}};

// The one thing that can be done: corotrace config check FILE.
Result<std::string> find_file(const Arguments& arguments) {
    const auto& words = arguments.positionals();
    if (words.empty() || words[0] != "check")
        return Error{Errc::usage, 0, "what is to be done? corotrace config check FILE"};
    if (words.size() != 2 || words[1].empty())
        return Error{Errc::usage, 0, "config check takes one file: corotrace config check FILE"};
    return words[1];
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
    std::fputs(
        (printable(*path) + ": fine; start it with: corotrace serve --config " + printable(*path) + "\n")
            .c_str(),
        stdout);
    return ExitCode::kDone;
}

}  // namespace corotrace::cli
