// SPDX-License-Identifier: MIT
// ServeCommand: a checked `corotrace serve ...`. Pure, as AttachCommand.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tracer/cli/arguments.hpp"
#include "tracer/http/http_server.hpp"
#include "tracer/session/serve_session.hpp"

namespace corotrace::cli {

struct ServeCommand {
    ServeOptions serve;
    std::optional<ListenAddress> listen;
    bool quiet = false;
    std::size_t verbosity = 0;
    bool wants_help = false;     // then nothing else is set
    bool wants_version = false;  // nor here
};

[[nodiscard]] std::span<const OptionSpec> serve_option_specs();

// `words` without the program and the verb. Errors: usage.
[[nodiscard]] Result<ServeCommand> parse_serve(const std::vector<std::string>& words,
                                               const Environment& environment);

}  // namespace corotrace::cli
