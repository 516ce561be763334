// SPDX-License-Identifier: MIT
#include "tracer/cli/serve_options.hpp"

#include "tracer/cli/process_choice.hpp"
#include "tracer/cli/values.hpp"
#include "tracer/cli/watch_options.hpp"

namespace corotrace::cli {
namespace {

// Nothing that shows values: they are not to leave by a service.
constexpr OptionSpec kServeOptions[] = {
    {"--name", "", true},
    {"--match", "", true},
    {"--user", "-u", true},
    {"--cgroup", "", true},
    {"--include", "", true},
    {"--exclude", "", true},
    {"--own", "", true},
    {"--hold", "", true},
    {"--origin", "", true},
    {"--max-pause-share", "", true},
    {"--listen", "", true},
    {"--quiet", "-q", false},
    {"--verbose", "-v", false},
    {"--help", "-h", false, false},
    {"--version", "-V", false, false},
};

Result<AttachOptions> read_watching(const Arguments& arguments) {
    AttachOptions watch;
    watch.hold = HoldMode::kAuto;
    if (auto read = read_watch_options(arguments, watch); !read) return read.error();
    if (const auto given = arguments.value("--hold")) {
        CT_TRY(watch.hold, parse_hold(*given));
    }
    return watch;
}

}  // namespace

std::span<const OptionSpec> serve_option_specs() {
    return kServeOptions;
}

Result<ServeCommand> parse_serve(const std::vector<std::string>& words, const Environment& environment) {
    CT_TRY(const Arguments arguments, Arguments::parse(kServeOptions, words, environment));
    ServeCommand command;
    command.wants_help = arguments.count("--help") > 0;
    command.wants_version = arguments.count("--version") > 0;
    if (command.wants_help || command.wants_version) return command;
    if (!arguments.positionals().empty()) {
        return Error{Errc::usage, 0,
                     "'" + arguments.positionals()[0] +
                         "' is one argument too many; serve finds its processes by --name, --match, --user "
                         "and --cgroup"};
    }
    CT_TRY(command.serve.watch, read_watching(arguments));
    CT_TRY(command.serve.filter, read_process_filter(arguments));
    if (const auto given = arguments.value("--listen")) {
        auto address = ListenAddress::parse(given->text);
        if (!address) return std::move(address).error().in(given->origin);
        command.listen = std::move(address).value();
        command.serve.watch.live_counts = true;
    }
    command.quiet = arguments.count("--quiet") > 0;
    command.verbosity = arguments.count("--verbose");
    if (command.quiet && command.verbosity > 0)
        return Error{Errc::usage, 0, "--quiet and --verbose contradict each other"};
    return command;
}

}  // namespace corotrace::cli
