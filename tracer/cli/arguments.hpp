// SPDX-License-Identifier: MIT
// Arguments: the words of a command line sorted into options and positionals, with the environment as their
// defaults (COROTRACE_MAX_EVENTS for --max-events), and behind that a file of options. What the words mean is
// up to the verb.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "symbols/result.hpp"

namespace corotrace::cli {

struct OptionSpec {
    std::string_view name;     // "--pid": how it is asked for below
    std::string_view also;     // other spellings, "-p,--process"; may be empty
    bool takes_value = false;  // else a flag, which may be repeated
    bool from_environment = true;
    bool repeats = false;  // each value counts; a file may give an array
};

// The value of an environment variable, nullptr if it is not set. std::getenv, except in tests.
using Environment = std::function<const char*(const std::string& name)>;

// One value and who gave it, for messages: "--pid", "COROTRACE_PID".
struct Given {
    std::string text;
    std::string origin;
};

// One value that a file gives an option, "--hold". That of a flag is a number, or yes or no.
struct ConfigValue {
    std::string option;
    Given given;
};

class Arguments {
public:
    // Errors: usage (an unknown option, with the nearest known one; a value missing; a flag's variable that
    // is neither a number nor yes or no). An empty variable counts as not set. `config`: for what neither
    // gives; of options in `specs` only.
    [[nodiscard]] static Result<Arguments> parse(std::span<const OptionSpec> specs,
                                                 const std::vector<std::string>& words,
                                                 const Environment& environment,
                                                 std::span<const ConfigValue> config = {});

    // How often a flag was given.
    [[nodiscard]] std::size_t count(std::string_view name) const;
    // The last value given, for a later one overrides.
    [[nodiscard]] std::optional<Given> value(std::string_view name) const;
    [[nodiscard]] std::vector<Given> values(std::string_view name) const;
    [[nodiscard]] const std::vector<std::string>& positionals() const { return positionals_; }

private:
    Arguments() = default;
    [[nodiscard]] Status add_environment(std::span<const OptionSpec> specs, const Environment& environment);
    [[nodiscard]] Status add_flag(const std::string& name, const Given& given);
    [[nodiscard]] Status add_config(std::span<const OptionSpec> specs, std::span<const ConfigValue> config);

    std::map<std::string, std::size_t, std::less<>> counts_;
    std::map<std::string, std::vector<Given>, std::less<>> values_;
    std::vector<std::string> positionals_;
};

// "--max-events" -> "COROTRACE_MAX_EVENTS".
[[nodiscard]] std::string environment_name(std::string_view option);

}  // namespace corotrace::cli
