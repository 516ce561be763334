// SPDX-License-Identifier: MIT
// ConfigFile: the options of a verb as a TOML file gives them: each by its name without the dashes, at the
// top level. What the values mean is up to the verb, as with those of a command line.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "symbols/result.hpp"
#include "tracer/cli/arguments.hpp"

namespace corotrace::cli {

struct ConfigFile {
    std::vector<ConfigValue> values;  // in the order of the file; of an array each one
    std::vector<std::string> faults;  // "serve.toml:3:8: ...": line and column of each, from 1
};

// Pure. `path` is for messages. One fault that is no TOML hides all others.
[[nodiscard]] ConfigFile parse_config(std::string_view text, const std::string& path,
                                      std::span<const OptionSpec> specs);

// Whether a file may give it: all but those that ask for a text, and the file itself.
[[nodiscard]] bool is_configurable(const OptionSpec& spec);

// The text of the file, at most 1 MiB. Errors: usage (there is no such file, it cannot be read, it is too
// large).
[[nodiscard]] Result<std::string> read_config_text(const std::string& path);

}  // namespace corotrace::cli
