// SPDX-License-Identifier: MIT
#include "tracer/cli/arguments.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

#include "tracer/cli/suggest.hpp"
#include "tracer/cli/usage_error.hpp"

namespace corotrace::cli {
namespace {

Error make_unknown_option(const std::string& word, std::span<const OptionSpec> specs) {
    const std::string name = word.substr(0, word.find('='));
    std::vector<std::string_view> known;
    known.reserve(specs.size());
    for (const OptionSpec& spec : specs) known.push_back(spec.name);
    const auto similar = name.size() > 2 ? find_similar(name, known) : std::nullopt;
    return make_usage("unknown option '" + name + "'" +
                      (similar ? "; did you mean '" + std::string(*similar) + "'?" : ""));
}

// CLI11 2.1 words the two that are left over for us as "--duration: 1 required  missing" and "native was
// given a disallowed flag override"; anything else is passed on.
Error describe(const CLI::ParseError& error) {
    const std::string what = error.what();
    if (error.get_name() != "ArgumentMismatch") return make_usage(what);
    const std::size_t colon = what.find(':');
    if (colon != std::string::npos) return make_usage(what.substr(0, colon) + ": its value is missing");
    return make_usage("--" + what.substr(0, what.find(' ')) + " takes no value");
}

// How often a flag is given by its variable: a number, or yes or no in the usual words.
std::optional<std::size_t> parse_flag(std::string_view text) {
    if (text == "true" || text == "yes" || text == "on") return 1;
    if (text == "false" || text == "no" || text == "off") return 0;
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace

std::string environment_name(std::string_view option) {
    std::string name = "COROTRACE_";
    for (const char c : option.substr(2)) name += c == '-' ? '_' : static_cast<char>(std::toupper(c));
    return name;
}

Result<Arguments> Arguments::parse(std::span<const OptionSpec> specs, const std::vector<std::string>& words,
                                   const Environment& environment, std::span<const ConfigValue> config) {
    CLI::App app;
    app.set_help_flag();  // none of CLI11's own: help is written by hand
    app.allow_extras();
    std::vector<CLI::Option*> options;
    std::vector<std::string> positionals;
    for (const OptionSpec& spec : specs) {
        const std::string names =
            std::string(spec.name) + (spec.also.empty() ? "" : ",") + std::string(spec.also);
        options.push_back(spec.takes_value ? app.add_option(names)->expected(1)->allow_extra_args(false)
                                           : app.add_flag(names)->disable_flag_override());
        if (spec.takes_value) options.back()->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }
    app.add_option("positionals", positionals);
    try {
        app.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // CLI11 takes them from the back
    } catch (const CLI::ParseError& error) {
        return describe(error);
    }
    for (const std::string& word : app.remaining())
        if (word != "--") return make_unknown_option(word, specs);

    Arguments arguments;
    arguments.positionals_ = std::move(positionals);
    for (std::size_t i = 0; i < specs.size(); ++i) {
        if (options[i]->count() == 0) continue;
        const std::string name(specs[i].name);
        if (!specs[i].takes_value) arguments.counts_[name] = options[i]->count();
        if (!specs[i].takes_value) continue;
        for (const std::string& text : options[i]->results()) arguments.values_[name].push_back({text, name});
    }
    if (auto added = arguments.add_environment(specs, environment); !added) return added.error();
    if (auto added = arguments.add_config(specs, config); !added) return added.error();
    return arguments;
}

Status Arguments::add_environment(std::span<const OptionSpec> specs, const Environment& environment) {
    for (const OptionSpec& spec : specs) {
        const std::string name(spec.name);
        if (!spec.from_environment || counts_.contains(name) || values_.contains(name)) continue;
        const std::string variable = environment_name(name);
        const char* text = environment(variable);
        if (text == nullptr || *text == '\0') continue;
        if (spec.takes_value) {
            values_[name].push_back({text, variable});
            continue;
        }
        if (auto added = add_flag(name, {text, variable}); !added) return added;
    }
    return {};
}

Status Arguments::add_config(std::span<const OptionSpec> specs, std::span<const ConfigValue> config) {
    for (const OptionSpec& spec : specs) {
        const std::string name(spec.name);
        if (counts_.contains(name) || values_.contains(name)) continue;
        for (const ConfigValue& one : config) {
            if (one.option != name) continue;
            if (spec.takes_value) {
                values_[name].push_back(one.given);
            } else if (auto added = add_flag(name, one.given); !added) {
                return added;
            }
        }
    }
    return {};
}

Status Arguments::add_flag(const std::string& name, const Given& given) {
    const auto flag = parse_flag(given.text);
    if (!flag) return make_usage(given.origin + ": '" + given.text + "' is neither a number nor yes or no");
    counts_[name] = *flag;
    return {};
}

std::size_t Arguments::count(std::string_view name) const {
    const auto found = counts_.find(name);
    return found == counts_.end() ? 0 : found->second;
}

std::optional<Given> Arguments::value(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::nullopt : std::optional<Given>(found->second.back());
}

std::vector<Given> Arguments::values(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::vector<Given>{} : found->second;
}

}  // namespace corotrace::cli
