// SPDX-License-Identifier: MIT
// ServeCommand: a checked `corotrace serve ...`. Pure, as AttachCommand, except that it reads the file of
// --config.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tracer/cli/arguments.hpp"
#include "tracer/cli/config_file.hpp"
#include "tracer/cli/otlp_settings.hpp"
#include "tracer/cli/serve_access.hpp"
#include "tracer/http/listen_address.hpp"
#include "tracer/session/serve_session.hpp"

namespace corotrace::cli {

struct ServeCommand {
    ServeOptions serve;
    std::optional<ListenAddress> listen;
    AccessFiles access;  // to what is answered there
    std::optional<OtlpSettings> otlp;
    std::string config;  // the file of options; empty: none
    bool quiet = false;
    std::size_t verbosity = 0;
    bool wants_help = false;     // then nothing else is set
    bool wants_version = false;  // nor here
};

[[nodiscard]] std::span<const OptionSpec> serve_option_specs();

using ReadConfig = std::function<Result<std::string>(const std::string& path)>;

// `words` without the program and the verb. Errors: usage.
[[nodiscard]] Result<ServeCommand> parse_serve(const std::vector<std::string>& words,
                                               const Environment& environment,
                                               const ReadConfig& read = read_config_text);

// All that is wrong with the text of a file of options, each fault with the file, line and column.
[[nodiscard]] std::vector<std::string> find_serve_faults(std::string_view text, const std::string& path);

}  // namespace corotrace::cli
