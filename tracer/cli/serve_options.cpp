// SPDX-License-Identifier: MIT
#include "tracer/cli/serve_options.hpp"

#include "tracer/cli/process_choice.hpp"
#include "tracer/cli/usage_error.hpp"
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
    {"--include", "", true, true, true},
    {"--exclude", "", true, true, true},
    {"--own", "", true, true, true},
    {"--hold", "", true},
    {"--origin", "", true},
    {"--max-pause-share", "", true},
    {"--listen", "", true},
    {"--insecure-listen", "", false},
    {"--token-file", "", true},
    {"--tls-certificate", "", true},
    {"--tls-key", "", true},
    {"--otlp-endpoint", "", true},
    {"--config", "", true},
    {"--quiet", "-q", false},
    {"--verbose", "-v", false},
    {"--help", "-h", false, false},
    {"--version", "-V", false, false},
};

Result<AttachOptions> read_serve_watching(const Arguments& arguments) {
    AttachOptions watch;
    watch.hold = HoldMode::kAuto;
    if (auto read = read_watch_options(arguments, watch); !read) return read.error();
    if (const auto given = arguments.value("--hold")) {
        CT_TRY(watch.hold, parse_hold(*given));
    }
    return watch;
}

Result<std::string> read_path(const Arguments& arguments, std::string_view option) {
    const auto given = arguments.value(option);
    if (!given) return std::string();
    if (given->text.empty()) return make_usage(given->origin + ": the file's name is missing");
    return given->text;
}

Result<AccessFiles> read_access(const Arguments& arguments) {
    AccessFiles access;
    CT_TRY(access.token, read_path(arguments, "--token-file"));
    CT_TRY(const std::string certificate, read_path(arguments, "--tls-certificate"));
    CT_TRY(const std::string key, read_path(arguments, "--tls-key"));
    if (!certificate.empty()) access.tls = TlsFiles{certificate, key.empty() ? certificate : key};
    return access;
}

// What one option needs of another, which may come from elsewhere.
Status check_needs(const Arguments& arguments) {
    for (const char* option : {"--token-file", "--tls-certificate", "--tls-key"}) {
        if (const auto given = arguments.value(option); given && !arguments.value("--listen"))
            return make_usage(given->origin + ": nothing is answered without --listen");
    }
    if (const auto key = arguments.value("--tls-key"); key && !arguments.value("--tls-certificate"))
        return make_usage(key->origin + ": a key is of no use without --tls-certificate");
    const auto address = arguments.value("--listen");
    if (const auto tls = arguments.value("--tls-certificate"); tls && address->text.starts_with("unix:"))
        return make_usage(tls->origin + ": a Unix socket leaves no host, and has no TLS");
    return {};
}

// What leaves the host is encrypted, and for who has a token, if nothing else is wanted.
Status check_reach(const Arguments& arguments, const ServeCommand& command) {
    const bool has_all = command.access.tls && !command.access.token.empty();
    if (!command.listen || command.listen->is_local() || has_all || arguments.count("--insecure-listen") > 0)
        return {};
    const auto given = arguments.value("--listen");
    std::string missing = command.access.tls ? "" : "--tls-certificate";
    if (command.access.token.empty()) missing += std::string(missing.empty() ? "" : " and ") + "--token-file";
    return make_usage(given->origin + ": '" + given->text +
                      "' lets other hosts read names of files and functions, and source lines; add " +
                      missing + ", or --insecure-listen if all who can connect may");
}

Result<ServeCommand> make_serve_command(const Arguments& arguments, const Environment& environment) {
    ServeCommand command;
    CT_TRY(command.serve.watch, read_serve_watching(arguments));
    CT_TRY(command.serve.filter, read_process_filter(arguments));
    if (const auto given = arguments.value("--listen")) {
        auto address = ListenAddress::parse(given->text);
        if (!address) return std::move(address).error().in(given->origin);
        command.listen = std::move(address).value();
        command.serve.watch.live_counts = true;
    }
    CT_TRY(command.access, read_access(arguments));
    CT_TRY(command.otlp, read_otlp_settings(arguments, environment));
    if (command.otlp) command.serve.watch.live_counts = true;
    command.quiet = arguments.count("--quiet") > 0;
    command.verbosity = arguments.count("--verbose");
    if (command.quiet && command.verbosity > 0)
        return make_usage("--quiet and --verbose contradict each other");
    return command;
}

const char* no_variable(const std::string& /*name*/) {
    return nullptr;
}

Result<ServeCommand> make_serve_command(std::span<const ConfigValue> config) {
    CT_TRY(const Arguments arguments, Arguments::parse(kServeOptions, {}, no_variable, config));
    return make_serve_command(arguments, no_variable);
}

}  // namespace

std::span<const OptionSpec> serve_option_specs() {
    return kServeOptions;
}

Result<ServeCommand> parse_serve(const std::vector<std::string>& words, const Environment& environment,
                                 const ReadConfig& read) {
    CT_TRY(Arguments arguments, Arguments::parse(kServeOptions, words, environment));
    ServeCommand asked;
    asked.wants_help = arguments.count("--help") > 0;
    asked.wants_version = arguments.count("--version") > 0;
    if (asked.wants_help || asked.wants_version) return asked;
    if (!arguments.positionals().empty()) {
        return make_usage("'" + arguments.positionals()[0] +
                          "' is one argument too many; serve finds its processes by --name, --match, --user "
                          "and --cgroup");
    }
    CT_TRY(const std::string file, read_path(arguments, "--config"));
    if (!file.empty()) {
        CT_TRY(const std::string text, read(file));
        const ConfigFile config = parse_config(text, file, kServeOptions);
        if (!config.faults.empty()) {
            const auto more = config.faults.size() - 1;
            return make_usage(
                config.faults.front() +
                (more == 0 ? "" : "; " + std::to_string(more) + " more, see corotrace config check " + file));
        }
        CT_TRY(arguments, Arguments::parse(kServeOptions, words, environment, config.values));
    }
    if (auto checked = check_needs(arguments); !checked) return checked.error();
    CT_TRY(ServeCommand command, make_serve_command(arguments, environment));
    if (auto checked = check_reach(arguments, command); !checked) return checked.error();
    command.config = file;
    return command;
}

std::vector<std::string> find_serve_faults(std::string_view text, const std::string& path) {
    const ConfigFile config = parse_config(text, path, kServeOptions);
    std::vector<std::string> faults = config.faults;
    for (const ConfigValue& one : config.values) {
        if (auto made = make_serve_command(std::span(&one, 1)); !made) faults.push_back(made.error().what);
    }
    if (!faults.empty()) return faults;
    // Each is right; all together may contradict each other.
    if (auto made = make_serve_command(config.values); !made)
        faults.push_back(path + ": " + made.error().what);
    return faults;
}

}  // namespace corotrace::cli
