// SPDX-License-Identifier: MIT
#include "tracer/cli/core_options.hpp"

namespace corotrace::cli {

namespace {

// As the variable is meant: environ(7). Else what is not memory, for cores are large: file-hierarchy(7).
std::string find_unpack_folder(const Environment& environment) {
    const char* const folder = environment("TMPDIR");
    return folder == nullptr || *folder == '\0' ? "/var/tmp" : folder;
}

// Source: debuginfod_find_executable(3), "CACHE" and "ENVIRONMENT VARIABLES".
std::string find_debuginfod_cache(const Environment& environment) {
    const auto value = [&](const char* name) -> std::string {
        const char* const text = environment(name);
        return text == nullptr ? "" : text;
    };
    if (std::string cache = value("DEBUGINFOD_CACHE_PATH"); !cache.empty()) return cache;
    if (const std::string cache = value("XDG_CACHE_HOME"); !cache.empty())
        return cache + "/debuginfod_client";
    const std::string home = value("HOME");
    return home.empty() ? "" : home + "/.cache/debuginfod_client";
}

}  // namespace

Result<std::optional<CoreOptions>> find_core(const Arguments& arguments, const Environment& environment) {
    const auto path = arguments.value("--core");
    const auto root = arguments.value("--root");
    if (!path) {
        if (root) return Error{Errc::usage, 0, "--root goes with --core CORE"};
        return std::optional<CoreOptions>();
    }
    const auto pid = arguments.value("--pid");
    if (pid && pid->origin == "--pid") return Error{Errc::usage, 0, "a core file or a process, not both"};
    const auto& words = arguments.positionals();
    if (words.size() > 1) return Error{Errc::usage, 0, "one program for a core file: --core CORE EXE"};
    CoreOptions core{.path = path->text,
                     .search = {.program = {},
                                .root = root ? root->text : "",
                                .debuginfod_cache = find_debuginfod_cache(environment),
                                .unpack_folder = find_unpack_folder(environment)}};
    if (!words.empty()) core.search.program = words[0];
    return std::optional(std::move(core));
}

}  // namespace corotrace::cli
