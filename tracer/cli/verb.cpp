// SPDX-License-Identifier: MIT
#include "tracer/cli/verb.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "symbols/escape.hpp"
#include "tracer/cli/help.hpp"
#include "tracer/cli/suggest.hpp"

namespace corotrace::cli {
namespace {

void print(std::FILE* file, const std::string& text) {
    std::fputs(text.c_str(), file);
}

// The verb of that name alone, else all that begin so.
std::vector<Verb> find_by_beginning(std::span<const Verb> verbs, std::string_view word) {
    std::vector<Verb> found;
    for (const Verb& verb : verbs) {
        if (verb.name == word) return {verb};
        if (!word.empty() && verb.name.substr(0, word.size()) == word) found.push_back(verb);
    }
    return found;
}

bool is_number(std::string_view word) {
    return !word.empty() && word.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

Result<Verb> find_verb(std::span<const Verb> verbs, std::string_view word) {
    const std::string quoted = fmt::format("'{}'", word);
    const std::vector<Verb> found = find_by_beginning(verbs, word);
    if (found.size() == 1) return found.front();
    if (found.size() > 1)
        return Error{Errc::usage, 0,
                     quoted + " may be " + std::string(found[0].name) + " or " + std::string(found[1].name)};
    if (is_number(word))
        return Error{Errc::usage, 0,
                     quoted + " is no verb; did you mean: corotrace attach " + std::string(word)};
    if (word.substr(0, 1) == "-")
        return Error{Errc::usage, 0, "unknown option " + quoted + "; options of a verb stand after it"};
    std::vector<std::string_view> names;
    for (const Verb& verb : verbs) names.push_back(verb.name);
    const auto similar = find_similar(word, names);
    return Error{
        Errc::usage, 0,
        "unknown verb " + quoted + (similar ? "; did you mean '" + std::string(*similar) + "'?" : "")};
}

ExitCode run_program(std::span<const Verb> verbs, const std::vector<std::string>& words) {
    if (words.empty()) {
        print(stderr, std::string(main_help()));
        return ExitCode::kUsage;
    }
    const std::string& first = words.front();
    const std::vector<std::string> rest(words.begin() + 1, words.end());
    if (first == "-V" || first == "--version" || first == "version") {
        print(stdout, "corotrace " COROTRACE_VERSION "\n");
        return ExitCode::kDone;
    }
    if (first == "-h" || first == "--help" || first == "help") {
        if (!rest.empty() && rest.front().substr(0, 1) != "-")
            return run_program(verbs, {rest.front(), "--help"});
        print(stdout, std::string(main_help()));
        return ExitCode::kDone;
    }
    const auto verb = find_verb(verbs, first);
    if (!verb) return print_usage_error(verb.error(), "corotrace --help");
    return verb->run(rest);
}

ExitCode print_usage_error(const Error& error, std::string_view help_command) {
    print(stderr, "corotrace: " + printable(error.what) + "\ntry: " + std::string(help_command) + "\n");
    return ExitCode::kUsage;
}

ExitCode print_error(const Error& error) {
    print(stderr, "corotrace: " + printable(error.what) + "\n");
    return exit_code(error.code);
}

}  // namespace corotrace::cli
